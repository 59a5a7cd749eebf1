#!/usr/bin/env bash
# A Postgres for tests: `postgres.sh start` prints its address, `postgres.sh stop` ends it; `down` and `up` take it
# away for a while, as a restart does.
# Uses the machine's Postgres, or installs Debian's where it may; data lies in a temporary folder.
set -euo pipefail
home="${COPYDESK_POSTGRES_HOME:-${TMPDIR:-/tmp}/copydesk-postgres-$(id -u)}"

find_bin() {
  local pg
  pg="$(command -v pg_config >/dev/null 2>&1 && pg_config --bindir || true)"
  for dir in ${pg:+"$pg"} /usr/lib/postgresql/*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql*/bin; do
    if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ]; then echo "$dir"; return 0; fi
  done
  return 1
}

install_server() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >&2
  else
    echo "The tests need a Postgres server (initdb, pg_ctl). Install one, e.g. 'sudo apt-get install postgresql'," >&2
    echo "or set COPYDESK_TEST_POSTGRES to the address of one where the tests may create databases." >&2
    exit 1
  fi
}

as_owner() {  # Postgres refuses to run as root
  if [ "$(id -u)" = 0 ]; then runuser -u "$owner" -- "$@"; else "$@"; fi
}

begin() {  # the server over the data that is there
  as_owner "$bin/pg_ctl" -D "$home/data" -l "$home/data/server.log" -w -t 60 \
    -o "-p $(cat "$home/port") -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200" start >"$home/start.log" 2>&1
}

owner="$(id -un)"
if [ "$(id -u)" = 0 ]; then owner=postgres; fi

case "${1:-}" in
  start)
    bin="$(find_bin || { install_server; find_bin; })"
    if [ -f "$home/port" ] && as_owner "$bin/pg_ctl" -D "$home/data" status >/dev/null 2>&1; then
      echo "postgresql://postgres@127.0.0.1:$(cat "$home/port")/postgres"
      exit 0
    fi
    rm -rf "$home"
    mkdir -p "$home"
    [ "$(id -u)" = 0 ] && chown "$owner" "$home"
    port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
    echo "$port" >"$home/port"
    cd "$home"
    as_owner "$bin/initdb" -D "$home/data" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$home/initdb.log" 2>&1
    begin
    echo "postgresql://postgres@127.0.0.1:$port/postgres"
    ;;
  down)
    bin="$(find_bin)"
    cd "$home"
    as_owner "$bin/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null
    ;;
  up)
    bin="$(find_bin)"
    cd "$home"
    begin
    ;;
  stop)
    if [ -d "$home/data" ]; then
      bin="$(find_bin)"
      (cd "$home" && as_owner "$bin/pg_ctl" -D "$home/data" -m fast stop) >/dev/null 2>&1 || true
      rm -rf "$home"
    fi
    ;;
  *) echo "usage: $0 start|down|up|stop" >&2; exit 2 ;;
esac
