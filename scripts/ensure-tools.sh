#!/usr/bin/env bash
# Sees to it that what `make test` needs is there: installs what it can, and says in one line each what it cannot.
# Quick when nothing is missing. cargo-deny, where the machine has none, goes to target/tools/bin.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-$(cargo metadata --no-deps --format-version 1 2>/dev/null | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')} || true
readonly tools="${target:-target}/tools"
readonly node_at_least="20.19"
readonly schemathesis="4.32.5"
failed=0

say() { printf 'ensure-tools: %s\n' "$*" >&2; }
missing() { say "$*"; failed=1; }
have() { command -v "$1" >/dev/null 2>&1; }

# at_least WANTED VERSION
at_least() { printf '%s\n' "$1" "$2" | sort -V -C; }

ensure_rust() {
  local wanted version
  wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
  if ! have cargo || ! have rustc; then
    missing "Rust $wanted or newer is missing: https://rustup.rs"
    return
  fi
  version=$(rustc --version | cut -d ' ' -f 2)
  at_least "$wanted" "$version" || missing "Rust is $version, but $wanted or newer is needed: rustup update stable"
  cargo fmt --version >/dev/null 2>&1 || missing "rustfmt is missing: rustup component add rustfmt"
  cargo clippy --version >/dev/null 2>&1 || missing "clippy is missing: rustup component add clippy"
  have curl || missing "curl is missing (the test of docs/rest.md runs it): sudo apt-get install curl, or your system's equivalent"
  have cc || missing "a C compiler is missing (ring and mimalloc need one): apt-get install gcc, or your system's equivalent"
}

ensure_node() {
  local version
  if ! have node || ! have npm; then
    missing "Node.js $node_at_least or newer with npm is missing: https://nodejs.org"
    return
  fi
  version=$(node --version)
  at_least "$node_at_least" "${version#v}" ||
    missing "Node.js is ${version#v}, but $node_at_least or newer is needed: https://nodejs.org"
}

# apt_install PACKAGE...: where this is Debian and we are root
apt_install() {
  [[ $(id -u) -eq 0 ]] && have apt-get || return 1
  say "installing $* with apt-get"
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "$@" >&2 ||
    { apt-get update --quiet >&2 &&
      DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "$@" >&2; }
}

# ensure_browser PACKAGE PROGRAM VARIABLE: a browser that the tests drive (tests/browser/support/paths.mjs). Debian's package of that
# name installs the default program; one that VARIABLE names has to be there.
ensure_browser() {
  [[ -x $2 ]] && return
  if [[ $2 != "/usr/bin/$1" ]]; then
    missing "$3 names $2, which is no program: unset it for /usr/bin/$1, or name a browser's program"
    return
  fi
  apt_install "$1" && return
  missing "$2 is missing (the browser tests drive it): sudo apt-get install $1, or name your system's in $3"
}

# ensure_coturn: turnserver and the turnutils of Debian's package, which tests relay through and measure against.
ensure_coturn() {
  local program
  for program in turnserver turnutils_uclient turnutils_stunclient turnutils_peer; do
    have "$program" && continue
    apt_install coturn && return
    missing "$program is missing (tests of TURN run it): sudo apt-get install coturn, or your system's equivalent"
    return
  done
}

# ensure_redis: redis-server and redis-sentinel of Debian's packages, which tests start on ports of their own. The services that the
# packages would run are not needed.
ensure_redis() {
  local program
  for program in redis-server redis-sentinel; do
    have "$program" && continue
    if apt_install redis-server redis-sentinel; then
      ! have systemctl || systemctl disable --now redis-server redis-sentinel >/dev/null 2>&1 || true
      return
    fi
    missing "$program is missing (tests of the backplane run it, 7.0 or newer): sudo apt-get install redis-server redis-sentinel, or your system's equivalent"
    return
  done
  at_least 7.0 "$(redis-server --version | sed -n 's/.* v=\([0-9.]*\).*/\1/p')" ||
    missing "redis-server is older than 7.0, which the backplane needs (sharded publish/subscribe)"
}

# ensure_network_tools: what gives a test of the relay a network of its own, on Linux.
ensure_network_tools() {
  [[ $(uname) == Linux ]] || return 0
  { have ip && have unshare; } || apt_install iproute2 util-linux ||
    missing "ip or unshare is missing (a test of the relay makes a network of its own): sudo apt-get install iproute2 util-linux"
}

ensure_cargo_deny() {
  have cargo || return 0
  if have cargo-deny || [[ -x $tools/bin/cargo-deny ]]; then
    return
  fi
  say "installing cargo-deny to $tools, once; this takes some minutes"
  cargo install --quiet --locked --root "$tools" --version '^0.20' cargo-deny >&2 ||
    missing "cargo-deny could not be installed: cargo install --locked cargo-deny"
}

# schemathesis sends the REST API what its description allows and what it does not: `make test-rest`.
ensure_schemathesis() {
  local installed="" home="$tools/schemathesis"
  if ! have python3; then
    missing "python3 is missing (schemathesis needs it): sudo apt-get install python3 python3-venv, or your system's equivalent"
    return
  fi
  if [[ -x $home/bin/st ]]; then
    installed=$("$home/bin/st" --version 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1 || true)
  fi
  [[ $installed == "$schemathesis" ]] && return
  say "installing schemathesis $schemathesis to $home, once"
  if ! python3 -m venv --clear "$home" >&2; then
    missing "python3-venv is missing (schemathesis needs it): sudo apt-get install python3-venv, or your system's equivalent"
    return
  fi
  "$home/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$schemathesis" >&2 ||
    missing "schemathesis could not be installed: $home/bin/pip install schemathesis==$schemathesis"
}

# What signs the tokens of examples/tokens beside Node.js and Rust.
ensure_token_examples() {
  local wanted=examples/tokens/python/requirements.txt
  if ! cmp --silent "$wanted" "$tools/python/requirements.txt"; then
    say "installing PyJWT to $tools/python, once"
    { python3 -m venv "$tools/python" || { apt_install python3 python3-venv && python3 -m venv "$tools/python"; }; } >&2 &&
      "$tools/python/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted" >&2 &&
      cp "$wanted" "$tools/python/requirements.txt" ||
      missing "Python 3 with venv is missing (an example signs tokens in it): sudo apt-get install python3-venv"
  fi
  have go || missing "Go is missing (an example signs tokens in it): https://go.dev/dl"
  ruby -rjwt -e '' 2>/dev/null || apt_install ruby ruby-jwt ||
    missing "Ruby with the gem jwt is missing (an example signs tokens in it): sudo apt-get install ruby ruby-jwt, or gem install jwt"
}

ensure_rust
ensure_node
ensure_browser chromium "${CHROMIUM:-/usr/bin/chromium}" CHROMIUM
ensure_browser firefox-esr "${FIREFOX:-/usr/bin/firefox-esr}" FIREFOX
ensure_coturn
ensure_redis
ensure_network_tools
ensure_cargo_deny
ensure_schemathesis
ensure_token_examples
exit "$failed"
