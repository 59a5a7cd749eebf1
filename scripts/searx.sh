#!/usr/bin/env bash
# Print the command that runs a searx (same API as SearXNG) for `make integration`: the machine's, or Debian's
# package installed where that is allowed.
set -euo pipefail
if [ -n "${SEARX_RUN:-}" ]; then
  echo "$SEARX_RUN"
  exit 0
fi
if ! command -v searx-run >/dev/null 2>&1; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends searx >&2
  else
    echo "The integration tests need searx: on Debian 'sudo apt-get install searx', elsewhere set SEARX_RUN to" >&2
    echo "the command that starts one with the settings file in SEARX_SETTINGS_PATH." >&2
    exit 1
  fi
fi
command -v searx-run
