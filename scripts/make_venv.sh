#!/bin/sh
# Make a virtual environment: make_venv.sh PYTHON FOLDER. Says what to do where Python cannot.
set -eu
python="$1" folder="$2"
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  for other in python3.13 python3.12 python3.11; do
    if command -v "$other" >/dev/null 2>&1; then python="$other"; break; fi
  done
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "Copydesk needs Python 3.11 or newer; name one with 'make PYTHON=/path/to/python3.12 ...'." >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >&2
  else
    echo "This Python has no venv module; on Debian or Ubuntu: sudo apt-get install python3-venv." >&2
    exit 1
  fi
fi
exec "$python" -m venv "$folder"
