"""What a client does that schemathesis does not by itself."""

import re
import uuid

import schemathesis

KEY = re.compile(r'("[!#-~]{1,255}"|[!#-~]{1,255})')


@schemathesis.hook
def before_call(context, case, kwargs):
    """A new request has a new key. What a key does that comes again is for services/signaling/tests/rest/idempotency.rs."""
    for name in list(case.headers or {}):
        if name.lower() == "idempotency-key" and KEY.fullmatch(str(case.headers[name])):
            case.headers[name] = str(uuid.uuid4())
