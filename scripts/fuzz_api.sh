#!/usr/bin/env bash
# Generated requests (Schemathesis, all checks) against a real `copydesk serve` for two minutes.
# FUZZ_SECONDS and further arguments for `schemathesis run` may be given.
set -euo pipefail
cd "$(dirname "$0")/.."
root="$PWD"
work="$(mktemp -d)"
service=""
stop() {
  if [ -n "$service" ]; then kill "$service" 2>/dev/null || true; wait "$service" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap stop EXIT
for name in $(env | sed -n 's/^\(COPYDESK_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
export COPYDESK_DATA_DIR="$work/data" COPYDESK_SEARCH=none COPYDESK_LOG_LEVEL=warning
export COPYDESK_MAX_ACTIVE_TASKS=100000 COPYDESK_REQUESTS_PER_MINUTE=1000000 COPYDESK_MAX_STORAGE_MB=100000
port="$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
base="http://127.0.0.1:$port"
key="$(.venv/bin/copydesk keys create fuzz)"
neighbour="$(.venv/bin/copydesk keys create "${FUZZ_NEIGHBOUR:-neighbour}")"
cat >"$work/identities.yaml" <<YAML
auth:
  - {name: fuzz, fixedHeaders: [{name: X-API-Key, value: $key}]}
  - {name: neighbour, fixedHeaders: [{name: X-API-Key, value: $neighbour}]}
YAML
.venv/bin/copydesk serve --port "$port" 2>"$work/service.log" &
service=$!
for _ in $(seq 300); do
  if .venv/bin/python - "$base" <<'PY' 2>/dev/null; then break; fi
import sys, urllib.request
urllib.request.urlopen(sys.argv[1] + "/readyz", timeout=2)
PY
  sleep 0.1
done
article_ids="$(.venv/bin/python tests/fuzz/prepare.py "$base" "$key" "${FUZZ_ARTICLES:-60}")"
export FUZZ_ARTICLE_IDS="$article_ids" FUZZ_ADDRESS="$base" FUZZ_KEY="$key" FUZZ_IDENTITIES="$work/identities.yaml"
export FUZZ_SAMPLES="$root/samples" PYTHONPATH="$root/tests/fuzz"
cd "$work"
"$root/.venv/bin/schemathesis" --config-file "$root/tests/fuzz/schemathesis.toml" run "$base/openapi.json" \
  --max-time "${FUZZ_SECONDS:-120}" "$@" && status=0 || status=$?
echo "--- the service's log"
tail -n 40 "$work/service.log"
if ! kill -0 "$service" 2>/dev/null; then echo "The service has ended by itself."; status=1; fi
if grep -qE '"level": "(error|critical)"|^Traceback' "$work/service.log"; then
  echo "The service logged an error."
  status=1
fi
exit "$status"
