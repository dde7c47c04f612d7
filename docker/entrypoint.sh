#!/bin/sh
# entrypoint.sh - start this installation, stay, and stop it in order when the container stops.
#
# ESCRIBA_DATABASE: a libpq conninfo of an existing server; without it, a private cluster in the volume.
set -eu
if [ -n "${ESCRIBA_DATABASE:-}" ]; then set -- --database "$ESCRIBA_DATABASE" "$@"; fi
escriba up "$@"
trap 'escriba down; exit 0' TERM INT
bad=0
# A program that is being started again is no reason to end; one that stays away for a minute is.
while [ $bad -lt 6 ]; do
    sleep 10 &
    wait $!
    if escriba status >/dev/null 2>&1; then bad=0; else bad=$((bad + 1)); fi
done
escriba status || true
escriba down || true
exit 1
