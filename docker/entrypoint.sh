#!/bin/sh
# entrypoint.sh - start this installation, stay, and stop it in order when the container stops.
#
# ESCRIBA_DATABASE: a libpq conninfo of an existing server; without it, a private cluster in the volume.
set -eu
if [ -n "${ESCRIBA_DATABASE:-}" ]; then set -- --database "$ESCRIBA_DATABASE" "$@"; fi
escriba up "$@"
trap 'escriba down; exit 0' TERM INT
while :; do
    sleep 5 &
    wait $!
    escriba status >/dev/null || exit 1
done
