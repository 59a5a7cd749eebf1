#!/usr/bin/env bash
# Run the tests on SQLite and Postgres; arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${COPYDESK_TEST_POSTGRES:-}" ]; then
  export COPYDESK_POSTGRES_HOME="${TMPDIR:-/tmp}/copydesk-postgres-$$"
  COPYDESK_TEST_POSTGRES="$(bash scripts/postgres.sh start)"
  export COPYDESK_TEST_POSTGRES
  trap 'bash scripts/postgres.sh stop' EXIT
fi
bash scripts/model_runner.sh
bash scripts/chromium.sh
# Settings of the caller's must not reach the tests.
for name in $(env | sed -n 's/^\(COPYDESK_[A-Z_]*\)=.*/\1/p'); do
  case "$name" in COPYDESK_TEST_POSTGRES | COPYDESK_POSTGRES_HOME) ;; *) unset "$name" ;; esac
done
.venv/bin/python -m pytest -n "${PYTEST_WORKERS:-2}" --dist worksteal "$@"
