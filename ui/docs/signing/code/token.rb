require "json"
require "openssl"

# Vouches for a user of your site, for one hour.
def chat_token(user_id, name, conversation)
  header = { alg: "HS256", typ: "JWT", kid: "pk_example" }
  claims = {
    sub: user_id.to_s,
    name: name,
    conversation_id: conversation,
    exp: Time.now.to_i + 3600
  }
  encode = ->(data) { [data].pack("m0").tr("+/", "-_").delete("=") }
  signed = "#{encode.(header.to_json)}.#{encode.(claims.to_json)}"
  signature = OpenSSL::HMAC.digest("SHA256", ENV.fetch("PLANGA_SECRET"), signed)
  "#{signed}.#{encode.(signature)}"
end

puts chat_token("8812", "Jonas Lindqvist", "bike-4120")
