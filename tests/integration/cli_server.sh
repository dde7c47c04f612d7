#!/bin/bash
# cli_server.sh - `escriba up --database`: an existing server instead of our own cluster; what is refused about it.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${BIN:-$root/build/bin}
export ESCRIBA_FORMS=$root/forms
unset ESCRIBA_HOME
work=$(mktemp -d "${ESCRIBA_TMP:-/tmp}/ext.XXXX"); chmod 755 "$work"
home=$work/h
escriba() { "$BIN/escriba" "$@" --home "$home"; }
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || { echo "PostgreSQL's server is not installed"; exit 77; }
if [ "$(id -u)" = 0 ]; then as() { setpriv --reuid=postgres --regid=postgres --init-groups --reset-env -- "$@"; }; owner=postgres
else as() { "$@"; }; owner=$(id -un); fi
bad=0
ok() { echo "ok - $1"; }
not() { echo "not ok - $1"; bad=1; sed 's/^/#   /' "$work/out" 2>/dev/null | head -n 8; }
check() { local what=$1; shift; if "$@" >"$work/out" 2>&1; then ok "$what"; else not "$what"; fi; }
code() { local want=$1 what=$2 rc; shift 2; "$@" >"$work/out" 2>&1; rc=$?; if [ $rc = "$want" ]; then ok "$what"; else not "$what (exit code $rc, not $want)"; fi; }
has() { local what=$1 text=$2; shift 2; "$@" >"$work/out" 2>&1; if grep -qF -- "$text" "$work/out"; then ok "$what"; else not "$what"; fi; }

mkdir "$work/server"; chown "$owner" "$work/server"
server() { as "$bin/pg_ctl" -D "$work/server/pg" -l "$work/server/log" -w "$@" >/dev/null 2>&1; }
trap 'escriba down >/dev/null 2>&1; server stop -m immediate; rm -rf "$work"' EXIT
printf 'super secret' >"$work/pw"; chmod 644 "$work/pw"
as "$bin/initdb" -D "$work/server/pg" -U boss --auth-local=scram-sha-256 --auth-host=scram-sha-256 --pwfile="$work/pw" --data-checksums --no-sync >"$work/out" 2>&1 || { not "a server is made"; exit 1; }
printf "unix_socket_directories = '%s'\nlisten_addresses = ''\nport = 5433\n" "$work/server" >>"$work/server/pg/postgresql.conf"
server start || { not "a server is started"; exit 1; }
printf '*:*:*:boss:super secret\n' >"$work/passfile"; chmod 600 "$work/passfile"
to="host=$work/server port=5433"

code 69 "a server that is not there" escriba up --database "host=$work/server port=5434 user=boss passfile=$work/passfile"
code 69 "a wrong password" escriba up --database "$to user=boss password=wrong"
code 78 "a string that is no libpq string" escriba up --database "hots=$work"
code 2 "a string without a server" escriba up --database "user=boss"
has "up on an existing server" "Escriba is up" escriba up --workers 1 --database "$to user=boss passfile=$work/passfile"
if grep -q "boss\|secret\|passfile" "$home/escriba.yaml"; then not "the settings do not say who logs in"; else ok "the settings do not say who logs in"; fi
if [ ! -e "$home/pg" ]; then ok "no cluster of our own was made"; else not "no cluster of our own was made"; fi
has "up again" "Escriba is up" escriba up
check "all programs run" escriba status
admin=$(PGPASSFILE=$work/passfile psql -qAtX -h "$work/server" -p 5433 -U boss -d postgres -c "SELECT rolsuper OR rolbypassrls OR rolreplication FROM pg_roles WHERE rolname = 'escriba_admin'")
if [ "$admin" = f ]; then ok "escriba_admin is no superuser there"; else not "escriba_admin is no superuser there"; fi
"$BIN/escriba-client" keygen "$work/a.key" >/dev/null
check "client add" escriba client add acme --name Acme --key "$work/a.key.pub" --quiet-seconds 1
printf 'not a scan' >"$home/hot/acme/mixed/letter.txt"
check "the work comes to rest" timeout 60 "$BIN/escriba" status --follow --until-idle --home "$home"
has "and the client pulls its result" "1 result received" "$BIN/escriba-client" pull --home "$home" --client acme --key "$work/a.key" --to "$work/results"
check "the balance holds" escriba balance
check "the doctor refuses nothing" escriba doctor
check "down leaves the server alone" bash -c "'$BIN/escriba' down --home '$home' && PGPASSFILE=$work/passfile psql -qAtX -h '$work/server' -p 5433 -U boss -d postgres -c 'SELECT 1'"

for setting in fsync full_page_writes synchronous_commit; do
    PGPASSFILE=$work/passfile psql -qX -h "$work/server" -p 5433 -U boss -d postgres -c "ALTER SYSTEM SET $setting = off" >/dev/null
    server restart
    code 78 "a server with $setting off is refused" escriba up
    has "and says so" "$setting" escriba up
    PGPASSFILE=$work/passfile psql -qX -h "$work/server" -p 5433 -U boss -d postgres -c "ALTER SYSTEM RESET $setting" >/dev/null
done
server restart
has "put right, it starts again" "Escriba is up" escriba up
server stop -m fast
code 69 "a list without its server" escriba queue
has "and says what to do" "do:" escriba queue
code 69 "status says that it is away" escriba status
server start
for _ in $(seq 100); do escriba status >/dev/null 2>&1 && break; sleep 0.2; done
check "when it is back everything goes on by itself" escriba status
printf 'another' >"$home/hot/acme/mixed/letter2.txt"
check "and works" timeout 60 "$BIN/escriba" status --follow --until-idle --home "$home"
has "the next result comes" "1 result received" "$BIN/escriba-client" pull --home "$home" --client acme --key "$work/a.key" --to "$work/results"
[ $bad = 0 ]
