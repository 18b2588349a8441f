# A temporary PostgreSQL cluster for tests and query checks: Unix socket only,
# no durability, gone at exit. Sourced after common.sh.
# shellcheck shell=bash

# Prints the folder that holds initdb, of the newest PostgreSQL that is 15 or later.
find_postgres() {
  local dir version best='' best_version=14
  for dir in "$(dirname "$(command -v initdb || echo /none/x)")" \
    /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
    /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin; do
    [ -x "$dir/initdb" ] || continue
    dir=$(cd "$(dirname "$(readlink -f "$dir/initdb")")" && pwd)
    version=$("$dir/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
    if [ "$version" -gt "$best_version" ]; then best=$dir best_version=$version; fi
  done
  [ -n "$best" ] && echo "$best"
}

# PostgreSQL refuses to run as root, so root lends it another user.
as_postgres() {
  if ! is_root; then "$@"; return; fi
  local user=nobody
  id postgres >/dev/null 2>&1 && user=postgres
  (cd / && setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@")
}

# Starts a cluster and sets PG_DIR (its socket folder) and PG_BIN.
start_cluster() {
  PG_BIN=$(find_postgres) || die "No PostgreSQL 15 or later was found." "Run: scripts/setup-postgres"
  PG_DIR=$(mktemp -d "${TMPDIR:-/tmp}/gc-pg.XXXXXX")
  on_exit 'stop_cluster'
  if is_root; then
    local user=nobody
    id postgres >/dev/null 2>&1 && user=postgres
    chown "$user" "$PG_DIR"
  fi
  as_postgres "$PG_BIN/initdb" -D "$PG_DIR/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
    >"$CARGO_TARGET_DIR/initdb.log" 2>&1 ||
    die "initdb failed." "$(tail -n 3 "$CARGO_TARGET_DIR/initdb.log")"
  as_postgres "$PG_BIN/pg_ctl" -D "$PG_DIR/data" -l "$PG_DIR/log" -w -o "-k '$PG_DIR' -c listen_addresses='' \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300" start >/dev/null ||
    die "PostgreSQL did not start." "$(tail -n 3 "$PG_DIR/log")"
}

stop_cluster() {
  as_postgres "$PG_BIN/pg_ctl" -D "$PG_DIR/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$PG_DIR"
}

# cluster_url NAME: the address of database NAME in the temporary cluster.
cluster_url() { echo "postgres://postgres@localhost/$1?host=$PG_DIR"; }

# Applies the migrations in order to the database behind URL.
apply_migrations() {
  local url=$1 file
  for file in "$ROOT"/migrations/*.sql; do
    [ -e "$file" ] || continue
    "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 --single-transaction -d "$url" -f "$file" >/dev/null ||
      die "Migration $(basename "$file") failed."
  done
}
