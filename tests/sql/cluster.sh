# shellcheck shell=bash
# cluster.sh - a private PostgreSQL cluster for a test or a bench; to be sourced by bash.
#
#   pg_up FOLDER quick|durable   make and start it in FOLDER (data in FOLDER/pg, socket in FOLDER/s)
#   pg_schema                    both databases with every numbered step of sql/, as `escriba up` does it
#   pg_sql DATABASE [psql args]  psql as escriba_admin; PGUSER=ROLE pg_sql ... as another
#   pg_down                      stop it
#
# A unix socket only, and no passwords: who may log in as whom is tested with the product's own cluster; here it is
# what a role may do once it is in.  As root the server runs as the system user postgres, which must reach FOLDER.

pg_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | tail -1)
pg_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
pg_folder=

pg_as() { # run a command as the user of the server
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid postgres --regid postgres --init-groups -- env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 "$@"
    else
        env LC_ALL=C.UTF-8 "$@"
    fi
}

pg_settings() { # quick|durable
    cat <<END
listen_addresses = ''
unix_socket_directories = '$pg_folder/s'
max_connections = 100
shared_buffers = 128MB
jit = off
timezone = 'UTC'
lc_messages = 'C'
autovacuum_naptime = 5s
max_wal_size = 1GB
END
    case $1 in
    quick) printf '%s\n' 'fsync = off' 'synchronous_commit = off' 'full_page_writes = off' ;;
    durable) printf '%s\n' 'fsync = on' 'synchronous_commit = on' 'full_page_writes = on' ;;
    esac
}

pg_up() { # folder, quick|durable
    local checksums=
    [ -n "$pg_bin" ] || { echo "no PostgreSQL server is installed" >&2; return 77; }
    pg_folder=$1
    [ "$2" = durable ] && checksums=--data-checksums
    mkdir -p "$pg_folder/pg" "$pg_folder/s" && chmod 755 "$pg_folder" "$pg_folder/s" && chmod 700 "$pg_folder/pg" || return 1
    [ "$(id -u)" = 0 ] && { chown postgres:postgres "$pg_folder/pg" "$pg_folder/s" || return 1; }
    (
        cd / || exit 1
        pg_as "$pg_bin/initdb" -D "$pg_folder/pg" -U escriba_admin --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
            --no-instructions --no-sync $checksums || exit 1
        pg_settings "$2" | pg_as tee -a "$pg_folder/pg/postgresql.conf" || exit 1
        pg_as "$pg_bin/pg_ctl" -D "$pg_folder/pg" -l "$pg_folder/pg/start.log" -w -t 60 -s start
    ) >"$pg_folder/up.log" 2>&1 </dev/null || { cat "$pg_folder/up.log" "$pg_folder/pg/start.log" >&2; return 1; }
}

pg_down() {
    [ -n "$pg_folder" ] && [ -s "$pg_folder/pg/postmaster.pid" ] || return 0
    (cd / && pg_as "$pg_bin/pg_ctl" -D "$pg_folder/pg" -m immediate -w -s stop) >/dev/null 2>&1
}

pg_sql() { # database, psql arguments
    local database=$1
    shift
    PGHOST=$pg_folder/s PGDATABASE=$database PGUSER=${PGUSER:-escriba_admin} PGOPTIONS=${PGOPTIONS-} \
        "$pg_bin/psql" -X -q -v ON_ERROR_STOP=1 "$@"
}

# The same order as lib/sys/cluster_prepare.c: databases, what everybody loses, then each step in one transaction.
pg_schema() {
    local f
    pg_sql postgres -c "CREATE DATABASE escriba_work TEMPLATE template0 ENCODING 'UTF8'" \
        -c "CREATE DATABASE escriba_delivery TEMPLATE template0 ENCODING 'UTF8'" \
        -c 'REVOKE ALL ON DATABASE postgres FROM PUBLIC' -c 'REVOKE ALL ON DATABASE template1 FROM PUBLIC' || return 1
    for f in work delivery; do
        pg_sql escriba_$f -c 'CREATE SCHEMA escriba; REVOKE ALL ON SCHEMA escriba FROM PUBLIC' -c "CREATE TABLE
            escriba.migration (name text PRIMARY KEY, checksum bytea NOT NULL, applied_at timestamptz NOT NULL
            DEFAULT now()); REVOKE ALL ON escriba.migration FROM PUBLIC" || return 1
    done
    for f in "$pg_root"/sql/work/[0-9]*.sql; do
        pg_sql escriba_work -1 -f "$f" >/dev/null || { echo "$f cannot be applied" >&2; return 1; }
    done
    for f in "$pg_root"/sql/delivery/[0-9]*.sql; do
        pg_sql escriba_delivery -1 -f "$f" >/dev/null || { echo "$f cannot be applied" >&2; return 1; }
    done
}
