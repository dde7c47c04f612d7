#!/bin/bash
# run.sh - the tests of the database: pgTAP files against a private cluster that is thrown away.
#
#   tests/sql/run.sh [--keep] [NAME...]      NAME: work_rights, delivery_escape, ... (all of them without)
#
# work_*.sql run in the work database, delivery_*.sql in the delivery database, as the superuser of this cluster; each
# is one transaction that is rolled back.  *.sh are for what needs several sessions.  Prints TAP, one number for all.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/sql/cluster.sh
. "$here/cluster.sh"
keep=
names=()
for a in "$@"; do
    case $a in
    --keep) keep=1 ;;
    -*) echo "run.sh: unknown argument '$a'" >&2; exit 2 ;;
    *) names+=("${a%.*}") ;;
    esac
done
[ -e /usr/share/postgresql ] && ls /usr/share/postgresql/*/extension/pgtap.control >/dev/null 2>&1 || {
    echo "1..0 # SKIP pgTAP is not installed"; exit 77; }

folder=$(mktemp -d "${ESCRIBA_TMP:-/tmp}/sql.XXXXXX") || exit 1
clean() {
    pg_down
    if [ -n "$keep" ]; then echo "# kept: $folder"; else rm -rf "$folder"; fi
}
trap clean EXIT
trap 'exit 130' INT TERM

number=0 bad=0
# TAP of one test in; the same out with one number for all and the name of its file.
tap() { # name
    local line name=$1 tests=0 planned=
    while IFS= read -r line; do
        case $line in
        'ok '*|'not ok '*)
            number=$((number + 1)) tests=$((tests + 1))
            case $line in 'not ok'*) bad=$((bad + 1)); printf 'not ' ;; esac
            line=${line#not } line=${line#ok } line=${line#[0-9]*[ ]}
            printf 'ok %d - %s: %s\n' "$number" "$name" "${line#- }" ;;
        1..*) planned=${line#1..} planned=${planned%% *} ;;
        '') ;;
        '# Looks like'*) ;;
        '#'*) printf '%s\n' "$line" ;;
        psql:*|ERROR*|FATAL*|NOTICE*|WARNING*|bash:*) printf '# %s\n' "$line" ;;
        *) ;; # what a statement between two tests gave
        esac
    done
    if [ "${planned:-none}" != "$tests" ]; then
        number=$((number + 1)) bad=$((bad + 1))
        printf 'not ok %d - %s: came to its end (%s tests of %s)\n' "$number" "$name" "$tests" "${planned:-no plan}"
    fi
}

one() { # file
    local file=$1 name out database
    name=$(basename "${file%.*}") out=$folder/out
    if [ ${#names[@]} -gt 0 ]; then
        case " ${names[*]} " in *" $name "*) ;; *) return ;; esac
    fi
    case $name in work_*) database=escriba_work ;; *) database=escriba_delivery ;; esac
    case $file in
    *.sh) bash "$file" "$folder" >"$out" 2>&1 ;;
    *) # the audit is written at the commit; these have none, and look at it between two statements
        at_once='SELECT 1'
        [ $database = escriba_work ] && at_once='SET CONSTRAINTS work.audit_said_all IMMEDIATE'
        pg_sql "$database" -At -v VERBOSITY=terse -c 'SET search_path = tap, t, public' -c BEGIN -c "$at_once" -f "$file" \
            -c 'SELECT * FROM tap.finish()' -c ROLLBACK >"$out" 2>&1 ;;
    esac
    tap "$name" <"$out"
}

pg_up "$folder" quick && pg_schema || { echo "not ok 1 - the databases cannot be made"; exit 1; }
for d in work delivery; do
    pg_sql escriba_$d -1 -c 'CREATE SCHEMA tap; CREATE EXTENSION pgtap SCHEMA tap; CREATE SCHEMA t' \
        -c "SET search_path = t, tap" -f "$here/$d.psql" || exit 1
done
pg_sql escriba_work -1 -c 'SET search_path = t' -f "$here/walk.psql" || exit 1
for file in "$here"/work_*.sql "$here"/delivery_*.sql "$here"/work_*.sh "$here"/delivery_*.sh; do
    [ -e "$file" ] && one "$file"
done
echo "1..$number"
[ "$number" -gt 0 ] && [ "$bad" = 0 ]
