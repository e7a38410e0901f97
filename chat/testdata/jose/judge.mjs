// Reads {secret, private, publicID, minted, sealed, claims, options} from standard input. Opens what Go has made, makes the
// like from the same content, and prints {claims, options, signed, wrapped, direct}.
import { CompactEncrypt, SignJWT, base64url, compactDecrypt, jwtVerify } from "jose";
import { text } from "node:stream/consumers";

const given = JSON.parse(await text(process.stdin));
const secret = new TextEncoder().encode(given.secret);
const key = base64url.decode(given.private);
const options = new TextEncoder().encode(JSON.stringify(given.options));

const { payload, protectedHeader } = await jwtVerify(given.minted, secret, {
  algorithms: ["HS256"], typ: "JWT", currentDate: new Date(given.now * 1000),
});
if (protectedHeader.kid !== given.publicID) throw new Error(`kid is ${protectedHeader.kid}`);
const opened = await compactDecrypt(given.sealed, key, {
  keyManagementAlgorithms: ["A128GCMKW"], contentEncryptionAlgorithms: ["A128GCM"],
});
const encrypt = (alg) => new CompactEncrypt(options).setProtectedHeader({ alg, enc: "A128GCM" }).encrypt(key);

console.log(JSON.stringify({
  claims: payload,
  options: JSON.parse(new TextDecoder().decode(opened.plaintext)),
  signed: await new SignJWT(given.claims).setProtectedHeader({ alg: "HS256", typ: "JWT", kid: given.publicID }).sign(secret),
  wrapped: await encrypt("A128GCMKW"),
  direct: await encrypt("dir"),
}));
