#!/usr/bin/env bash
# A minute of allocations against the sandbox with wrk (Debian), and its resident memory meanwhile. With STATE=FILE it keeps
# its state there.
set -euo pipefail
cd "$(dirname "$0")/../../.."
cargo build --quiet --release -p enkash-cli
work=$(mktemp -d)
"${CARGO_TARGET_DIR:-target}/release/enkash" sandbox --token-ttl 3600 \
  --seed crates/enkash-sandbox/benches/seed.yaml ${STATE:+--state "$STATE"} >"$work/announcement" &
sandbox=$!
trap 'kill $sandbox 2>/dev/null || true; rm -rf "$work"' EXIT
until [ -s "$work/announcement" ]; do read -rt 0.1 <> <(:) || true; done
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/announcement" "$1"; }
TOKEN=$(curl -sf -u "$(field client_id):$(field client_secret)" "$(field url)/oauth/token" \
  -d grant_type=password -d "clientId=$(field client_id)" -d "username=$(field username)" -d "password=$(field password)" |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
export TOKEN
(while sleep 10 && kill -0 $sandbox 2>/dev/null; do grep VmRSS "/proc/$sandbox/status"; done) &
wrk -t1 -c16 -d"${SECONDS_OF_LOAD:-60}s" -s crates/enkash-sandbox/benches/allocations.lua \
  "$(field url)/api/v0/partner/enKashCard/create-allocate-points"
curl -sf "$(field url)/_sandbox/ledger" | head -c 300
