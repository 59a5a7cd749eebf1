#!/usr/bin/env bash
# What the tests' real language model needs of the system: GNU's OpenMP library. Installs Debian's where it may.
set -euo pipefail
cd "$(dirname "$0")/.."
loads() { .venv/bin/python -c 'import xllamacpp' >/dev/null 2>&1; }
if loads; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libgomp1 >&2
fi
if ! loads; then
  echo "The tests with a real language model will fail: xllamacpp does not load, most often because libgomp is missing" >&2
  echo "('sudo apt-get install libgomp1' on Debian or Ubuntu)." >&2
fi
