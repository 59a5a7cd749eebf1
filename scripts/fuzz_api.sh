#!/usr/bin/env bash
# Generated requests (Schemathesis, all checks) against a real `copydesk serve` for two minutes.
# FUZZ_SECONDS and further arguments for `schemathesis run` may be given.
set -euo pipefail
cd "$(dirname "$0")/.."
root="$PWD"
work="$(mktemp -d)"
for name in $(env | sed -n 's/^\(COPYDESK_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
export COPYDESK_DATA_DIR="$work/data" COPYDESK_SEARCH=none COPYDESK_LOG_LEVEL=warning
export COPYDESK_MAX_ACTIVE_TASKS=100000 COPYDESK_REQUESTS_PER_MINUTE=1000000 COPYDESK_MAX_STORAGE_MB=100000
port="$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
base="http://127.0.0.1:$port"
key="$(.venv/bin/copydesk keys create fuzz)"
.venv/bin/copydesk serve --port "$port" 2>"$work/service.log" &
service=$!
trap 'kill "$service" 2>/dev/null || true; wait "$service" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 300); do
  if .venv/bin/python - "$base" <<'PY' 2>/dev/null; then break; fi
import sys, urllib.request
urllib.request.urlopen(sys.argv[1] + "/readyz", timeout=2)
PY
  sleep 0.1
done
eval "$(.venv/bin/python tests/fuzz/prepare.py "$base" "$key" "${FUZZ_ARTICLES:-30}")"
export FUZZ_ARTICLE_IDS FUZZ_ADDRESS="$base" FUZZ_KEY="$key" FUZZ_SAMPLES="$root/samples" PYTHONPATH="$root/tests/fuzz"
cd "$work"
"$root/.venv/bin/schemathesis" --config-file "$root/tests/fuzz/schemathesis.toml" run "$base/openapi.json" \
  --max-time "${FUZZ_SECONDS:-120}" "$@" && status=0 || status=$?
if [ -s "$work/service.log" ]; then echo "--- the service's log"; tail -n 40 "$work/service.log"; fi
exit "$status"
