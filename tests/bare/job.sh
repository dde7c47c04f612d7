#!/bin/bash
# job.sh - the main job inside the image: start, one client, one scan in, its result pulled and opened.
set -eu
export ESCRIBA_HOME=/var/lib/escriba
escriba up
trap 'escriba down' EXIT
escriba-client keygen /tmp/acme.key
escriba client add acme --name "Acme" --key /tmp/acme.key.pub --streams invoice,mixed --quiet-seconds 2
scan=$(find /fixtures -path "*invoice*" -name "*.pdf" | sort | head -n 1)
cp "$scan" /var/lib/escriba/hot/acme/mixed/
timeout 120 escriba status --follow --until-idle
escriba balance
escriba-client pull --client acme --key /tmp/acme.key --to /tmp/results || true
# What the machine is unsure of waits for a person: then the document is in review, and nothing is lost.
ls /tmp/results 2>/dev/null | grep -q . || escriba queue | grep -q .
echo done
