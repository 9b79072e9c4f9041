#!/usr/bin/env bash
# Sends the REST API of a server of its own what its description allows and what it does not, by schemathesis, with all checks.
# Any finding fails; the same seed is the same requests. EXAMPLES=N: so many for each operation and phase.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

repository=$PWD
target=$(realpath "${CARGO_TARGET_DIR:-target}")
readonly repository target
readonly antiphon="$target/debug/antiphon"
readonly st="$target/tools/schemathesis/bin/st"
work=$(mktemp -d)
server=""

finish() {
  if [[ -n $server ]]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT

ANTIPHON_KEYS="rest:$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')"
export ANTIPHON_KEYS

"$antiphon" --listen 127.0.0.1:0 --page=false --tenant-request-rate 100000 >"$work/out" 2>"$work/log" &
server=$!
address=""
for _ in $(seq 300); do
  address=$(grep -oE -m 1 '127\.0\.0\.1:[0-9]+' "$work/log" "$work/out" 2>/dev/null | head -n 1 | grep -oE '127.*' || true)
  [[ -n $address ]] && break
  kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
[[ -n $address ]] || { echo "test-rest: the server told no address" >&2; cat "$work/log" >&2; exit 1; }
token=$("$antiphon" token --admin --identity backend)

# The token is the same in every request and stays off the arguments, which every user of the machine can read.
export ANTIPHON_TOKEN="$token"
export SCHEMATHESIS_HOOKS="$repository/scripts/schemathesis_hooks.py"
# It keeps what it found where it runs. A stream of events does not end, and is tested by itself.
cd "$work"
"$st" --config-file "$repository/scripts/schemathesis.toml" run "http://$address/v1/openapi.json" \
  --checks all --max-examples "${EXAMPLES:-10}" --seed 1 --no-color --continue-on-failure \
  --exclude-path '/v1/rooms/{room}/events' --request-timeout 20 "$@"
