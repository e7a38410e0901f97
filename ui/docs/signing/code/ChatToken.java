import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class ChatToken {
    /** Vouches for a user of your site, for one hour. */
    static String chatToken(String userId, String name, String conversation) throws GeneralSecurityException {
        String header = "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":" + quote("pk_example") + "}";
        String claims = "{\"sub\":" + quote(userId)
                + ",\"name\":" + quote(name)
                + ",\"conversation_id\":" + quote(conversation)
                + ",\"exp\":" + (System.currentTimeMillis() / 1000 + 3600) + "}";
        String signed = encode(bytes(header)) + "." + encode(bytes(claims));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(bytes(System.getenv("PLANGA_SECRET")), "HmacSHA256"));
        return signed + "." + encode(mac.doFinal(bytes(signed)));
    }

    static String encode(byte[] data) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(data);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Writes a JSON string. If you have a JSON library, use that. */
    static String quote(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            json.append(c < ' ' || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
        return json.append('"').toString();
    }

    public static void main(String[] args) throws GeneralSecurityException {
        System.out.println(chatToken("8812", "Jonas Lindqvist", "bike-4120"));
    }
}
