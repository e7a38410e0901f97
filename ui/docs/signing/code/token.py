import base64
import hashlib
import hmac
import json
import os
import time


def chat_token(user_id, name, conversation):
    """Vouches for a user of your site, for one hour."""
    header = {"alg": "HS256", "typ": "JWT", "kid": "pk_example"}
    claims = {
        "sub": str(user_id),
        "name": name,
        "conversation_id": conversation,
        "exp": int(time.time()) + 3600,
    }
    signed = encode(json.dumps(header).encode()) + "." + encode(json.dumps(claims).encode())
    secret = os.environ["PLANGA_SECRET"].encode()
    signature = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return signed + "." + encode(signature)


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


print(chat_token("8812", "Jonas Lindqvist", "bike-4120"))
