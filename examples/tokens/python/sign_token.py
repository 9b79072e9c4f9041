# Signs an access token with PyJWT: pip install pyjwt
import os
import sys
import time

import jwt

identity, room = sys.argv[1:]
now = int(time.time())
claims = {
    "iss": os.environ["ANTIPHON_KEY_ID"],
    "sub": identity,
    "aud": "antiphon",
    "iat": now,
    "exp": now + 15 * 60,
    "name": identity,
    "grants": {"room": room, "join": True},
}
print(jwt.encode(claims, os.environ["ANTIPHON_KEY_SECRET"], algorithm="HS256"))
