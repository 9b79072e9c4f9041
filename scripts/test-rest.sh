#!/usr/bin/env bash
# Sends the REST API of a server of its own what its description allows and what it does not, by schemathesis, with all checks. Half of it is
# about what is there: people in rooms, messages, bans, dead letters, as scripts/rest-stage.mjs sets them up.
# Any finding fails, and so does an operation that never succeeded; the same seed is the same requests. EXAMPLES=N: so many for each operation
# and phase.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

repository=$PWD
target=$(realpath "${CARGO_TARGET_DIR:-target}")
readonly repository target
readonly antiphon="$target/debug/antiphon"
readonly home="$target/tools/schemathesis/bin"
work=$(mktemp -d)
processes=()

finish() {
  for process in "${processes[@]}"; do
    kill "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap finish EXIT

# appears PROCESS PATTERN FILE…: what matches in one of the files, as soon as it is there.
appears() {
  local process=$1 pattern=$2 found
  shift 2
  for _ in $(seq 300); do
    found=$(grep -ohE -m 1 "$pattern" "$@" 2>/dev/null | head -n 1 || true)
    if [[ -n $found ]]; then
      printf '%s\n' "$found"
      return
    fi
    kill -0 "$process" 2>/dev/null || break
    sleep 0.1
  done
  echo "test-rest: no $pattern in:" >&2
  cat "$@" >&2
  return 1
}

ANTIPHON_KEYS="rest:$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')"
export ANTIPHON_KEYS

node scripts/rest-stage.mjs >"$work/stage" 2>"$work/stage-log" &
processes+=($!)
port=$(appears $! '^[0-9]+$' "$work/stage" "$work/stage-log")

secret="whsec_$(head -c 32 /dev/urandom | base64 -w 0)"
endpoint() { printf '{tenant = "rest", id = "%s", url = "http://127.0.0.1:%s/webhooks/%s", secrets = ["%s"]}' "$1" "$port" "$1" "$secret"; }
ANTIPHON_WEBHOOKS="[$(endpoint taken), $(endpoint gone)]" \
  "$antiphon" --listen 127.0.0.1:0 --page=false --tenant-request-rate 100000 \
  --tenant-credential-rate 100000 --subject-credential-burst 100000 >"$work/out" 2>"$work/log" &
processes+=($!)
address=$(appears $! '127\.0\.0\.1:[0-9]+' "$work/log" "$work/out")
token=$("$antiphon" token --admin --identity backend)

# The token is the same in every request and stays off the arguments, which every user of the machine can read.
export ANTIPHON_TOKEN="$token"
export SCHEMATHESIS_HOOKS="$repository/scripts/schemathesis_hooks.py"
export STAGE="http://127.0.0.1:$port/stage" STAGE_SERVER="$address" ANSWERED="$work/answered.json"
# It keeps what it found where it runs. A stream of events does not end, and is tested by itself.
cd "$work"
status=0
"$home/st" --config-file "$repository/scripts/schemathesis.toml" run "http://$address/v1/openapi.json" \
  --checks all --max-examples "${EXAMPLES:-10}" --seed 1 --no-color --continue-on-failure \
  --exclude-path-regex '/events$' --request-timeout 20 "$@" || status=$?
"$home/python3" "$repository/scripts/rest_successes.py" "$repository/docs/openapi.json" "$work/answered.json" || status=1
exit "$status"
