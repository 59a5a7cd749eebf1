#!/usr/bin/env bash
# The browser of tests/browser: Chromium. Installs Debian's where it may.
set -euo pipefail
found() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
if found >/dev/null; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >&2 || true
fi
if ! found >/dev/null; then
  echo "The tests in a browser will fail: there is no Chromium ('sudo apt-get install chromium' on Debian;" >&2
  echo "Ubuntu's package of that name needs snap: install Google Chrome there)." >&2
fi
