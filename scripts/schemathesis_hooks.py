"""What a client does that schemathesis does not by itself: it asks about what is there, and counts what it was given."""

import atexit
import collections
import json
import os
import re
import urllib.parse
import urllib.request
import uuid

import schemathesis

KEY = re.compile(r'("[!#-~]{1,255}"|[!#-~]{1,255})')

# Good requests of each operation and phase that are about what is there, where they name something; one of eight after these.
STAGED = 8

PLACES = re.compile(r"\{(room|participant|identity|message|webhook|letter)\}")

# What stands in queries instead.
ALLOCATIONS = "/v1/turn/allocations"

asked = collections.Counter()
answered = {}


@schemathesis.hook
def before_call(context, case, kwargs):
    """A new request has a new key. What a key does that comes again is for services/signaling/tests/rest/idempotency.rs."""
    for name in list(case.headers or {}):
        if name.lower() == "idempotency-key" and KEY.fullmatch(str(case.headers[name])):
            case.headers[name] = str(uuid.uuid4())
    if is_staged(case):
        take_places(case)


def is_staged(case):
    """A random name names nothing, and 404 says little. A state machine follows its own links."""
    path, meta = case.operation.path, case.meta
    if not (PLACES.search(path) or path == ALLOCATIONS) or meta is None or meta.generation.mode.value != "positive":
        return False
    phase = meta.phase.name.value
    if phase == "stateful":
        return False
    label = (case.operation.label, phase)
    asked[label] += 1
    return asked[label] <= STAGED or asked[label] % 8 == 0


def take_places(case):
    path = case.operation.path
    names = set_up(letter="{letter}" in path or "dead-letters" in path, allocation=path == ALLOCATIONS)
    if path == ALLOCATIONS:
        case.query = {"id": names["allocation"]} if asked.total() % 2 else {"user": names["user"]}
        return
    if "/lobby/" in path:
        names["participant"] = names["waiting"]
    elif asked.total() % 2:
        names["participant"] = "@ada"
    if path.endswith("/test") and asked.total() % 2:
        names["webhook"] = "taken"
    case.path_parameters = {**case.path_parameters, **{name: names[name] for name in PLACES.findall(path)}}


def set_up(**wanted):
    request = urllib.request.Request(
        os.environ["STAGE"] + "?" + urllib.parse.urlencode({name: 1 for name, is_wanted in wanted.items() if is_wanted}),
        method="POST",
        headers={
            "Authorization": "Bearer " + os.environ["ANTIPHON_TOKEN"],
            "X-Server": os.environ["STAGE_SERVER"],
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@schemathesis.hook
def after_call(context, case, response):
    successes, others = answered.get(case.operation.label, (0, 0))
    is_success = 200 <= response.status_code < 300
    answered[case.operation.label] = (successes + is_success, others + (not is_success))


@atexit.register
def tell():
    with open(os.environ["ANSWERED"], "w", encoding="utf-8") as file:
        json.dump(answered, file)
