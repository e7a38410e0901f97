import { createHmac } from "node:crypto";

// Vouches for a user of your site, for one hour.
export function chatToken(userId, name, conversation) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = { alg: "HS256", typ: "JWT", kid: "pk_example" };
  const claims = {
    sub: String(userId),
    name,
    conversation_id: conversation,
    exp: Math.floor(Date.now() / 1000) + 3600,
  };
  const signed = `${encode(header)}.${encode(claims)}`;
  const signature = createHmac("sha256", process.env.PLANGA_SECRET).update(signed).digest("base64url");
  return `${signed}.${signature}`;
}

console.log(chatToken("8812", "Jonas Lindqvist", "bike-4120"));
