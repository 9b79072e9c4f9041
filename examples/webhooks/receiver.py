"""Receives Antiphon's webhooks and verifies them. Python 3.9 or newer, nothing to install:

    WEBHOOK_SECRET=whsec_… python3 receiver.py 3000

The package `standardwebhooks` does what `verify` does.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_S = 5 * 60
MAX_BYTES = 1024 * 1024
KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))


def verify(headers, body: bytes) -> bool:
    """Whether these bytes were sent by who knows the secret, and lately."""
    identifier, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return False
    signed = f"{identifier}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    # While the secret is replaced there are several signatures; one of them has to be ours.
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in given)


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An event can come twice. An application keeps the ids in its database, in the transaction that does the work.
    seen = set()

    def do_POST(self):
        size = int(self.headers.get("content-length", 0))
        if size > MAX_BYTES:
            # What is not read must not be taken for the next request.
            self.close_connection = True
            return self.answer(413)
        # The bytes as they came: JSON that was read and written again has another signature.
        body = self.rfile.read(size)
        if not verify(self.headers, body):
            return self.answer(401)
        event = json.loads(body)
        if event["id"] not in self.seen:
            self.seen.add(event["id"])
            room, participant = event.get("room", {}), event.get("participant", {})
            print(event["type"], room.get("name", ""), participant.get("identity", ""), flush=True)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 3000), Receiver)
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()
