"""Says how often each operation of the REST API was answered with 2xx: rest_successes.py DESCRIPTION ANSWERED. One that never was fails."""

import json
import sys

METHODS = {"get", "put", "post", "delete", "patch"}

# Operations that need not succeed here, each with the reason.
EXCEPTIONS = {
    "GET /v1/rooms/{room}/events": "a stream that does not end: services/signaling/tests/rest/events.rs reads it",
    "GET /v1/events": "a stream that does not end: services/signaling/tests/rest/tenant_events.rs reads it",
}


def main(description, answered):
    with open(description, encoding="utf-8") as file:
        paths = json.load(file)["paths"]
    with open(answered, encoding="utf-8") as file:
        counts = json.load(file)
    operations = [f"{method.upper()} {path}" for path, item in paths.items() for method in item if method in METHODS]
    print(f"{'2xx':>6} {'others':>7}  operation")
    failed = []
    for operation in operations:
        successes, others = counts.get(operation, (0, 0))
        excepted = EXCEPTIONS.get(operation)
        print(f"{successes:>6} {others:>7}  {operation}" + (f"  ({excepted})" if excepted else ""))
        if not successes and not excepted:
            failed.append(operation)
    stale = sorted(EXCEPTIONS.keys() - set(operations))
    for operation in failed:
        print(f"test-rest: {operation} was never answered with 2xx", file=sys.stderr)
    for operation in stale:
        print(f"test-rest: {operation} is excepted, and is no operation", file=sys.stderr)
    return 1 if failed or stale else 0


sys.exit(main(*sys.argv[1:]))
