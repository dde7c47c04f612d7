#!/bin/bash
# cli_service.sh - `cmake --install` puts everything in its place, the installed programs run from there, and the units
# are as closed as docs/OPERATING.md says (systemd-analyze, which needs no running systemd).
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${BIN:-$root/build/bin}
unset ESCRIBA_HOME ESCRIBA_FORMS
work=$(mktemp -d "${ESCRIBA_TMP:-/tmp}/srv.XXXX"); chmod 755 "$work"
to=$work/usr
trap '"$to/bin/escriba" down --home "$work/h" >/dev/null 2>&1; rm -rf "$work"' EXIT
bad=0
ok() { echo "ok - $1"; }
not() { echo "not ok - $1"; bad=1; sed 's/^/#   /' "$work/out" 2>/dev/null | head -n 8; }
check() { local what=$1; shift; if "$@" >"$work/out" 2>&1; then ok "$what"; else not "$what"; fi; }

check "cmake --install" cmake --install "$(dirname "$BIN")" --prefix "$to"
missing=
for p in escriba escribad escriba-intake escriba-runner escriba-cell escriba-keyd escriba-desk escriba-review escriba-client; do
    [ -x "$to/bin/$p" ] || missing="$missing bin/$p"
done
for f in share/escriba/forms/invoice.yaml share/bash-completion/completions/escriba lib/sysusers.d/escriba.conf \
    lib/tmpfiles.d/escriba.conf lib/systemd/system/escriba.target lib/systemd/system/escriba-keyd.service \
    lib/systemd/system/escriba-runner@.service lib/systemd/system/escriba-metrics.timer; do
    [ -s "$to/$f" ] || missing="$missing $f"
done
if [ -z "$missing" ]; then ok "everything is in its place"; else not "everything is in its place: missing$missing"; fi
if command -v scdoc >/dev/null; then
    for p in man1/escriba.1 man1/escriba-client.1 man8/escribad.8 man8/escriba-keyd.8; do
        [ -s "$to/share/man/$p" ] && ok "$p is installed" || not "$p is installed"
    done
else echo "ok - manual pages # SKIP scdoc is not installed"; fi

check "the installed programs bring up an installation" "$to/bin/escriba" up --home "$work/h" --workers 1
if [ -s "$work/h/forms/invoice.yaml" ]; then ok "with the forms that were installed"; else not "with the forms that were installed"; fi
check "and take it down" "$to/bin/escriba" down --home "$work/h"

if ! command -v systemd-analyze >/dev/null; then echo "ok - units # SKIP systemd is not installed"; exit $bad; fi
units=$to/lib/systemd/system
# Exposure in tenths, as docs/OPERATING.md states them: 0 is closed, 100 is open.
while read -r unit limit; do
    out=$(systemd-analyze security --offline=true --no-pager --threshold="$limit" "$units/$unit" 2>&1); rc=$?
    printf '%s\n' "$out" >"$work/out"
    figure=$(printf '%s\n' "$out" | sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p')
    if [ $rc = 0 ] && [ -n "$figure" ]; then ok "$unit: exposure $figure, at most $limit tenths"; else not "$unit: exposure ${figure:-unknown}, over $limit tenths"; fi
done <<END
escriba-keyd.service 10
escriba-intake.service 12
escriba-runner.service 17
escriba-desk.service 17
escriba-metrics.service 15
escriba-retention.service 17
escriba-database.service 40
END
for unit in "$units"/escriba-*.service; do
    said=$(systemd-analyze verify --man=no "$unit" 2>&1 | grep -F "$(basename "$unit")" | grep -v "is not executable\|not found\|Failed to create\|Cannot add dependency")
    if [ -z "$said" ]; then ok "$(basename "$unit") is understood"; else printf '%s\n' "$said" >"$work/out"; not "$(basename "$unit") is understood"; fi
done
wrong=$(grep -L '^User=escriba-' "$units"/escriba-{keyd,intake,runner,desk,metrics}.service)
if [ -z "$wrong" ]; then ok "each program has a user of its own"; else not "each program has a user of its own: $wrong"; fi
for u in $(sed -n 's/^User=//p' "$units"/escriba-*.service | sort -u); do
    grep -q "^u $u " "$to/lib/sysusers.d/escriba.conf" && ok "$u is a system user" || not "$u is a system user"
done
[ $bad = 0 ]
