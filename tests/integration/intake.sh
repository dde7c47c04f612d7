#!/bin/bash
# intake.sh - what is taken from a hot folder, when, and what is left and said; nothing twice, nothing in part.
. "$(dirname "$0")/engine_lib.sh"

engine_up || { bad "an installation starts"; exit 1; }
engine_client acme mixed,invoice || { bad "a client is added"; exit 1; }
until_true 10 test -d "$hot"
/usr/bin/python3 "$root/tests/integration/engine_small.py" "$work/in" 40 11 >/dev/null
intake() { programs escriba-intake | head -1; }
logged() { grep -q "$1" "$home/log/escribad.log"; }
# Files, waits until so many more are taken and none waits: words, how many more.
arrived=0
more() { arrived=$((arrived + $2)); check "$1" until_true "${3:-60}" taken_is $arrived; }
stays() { sleep 1.5; [ -e "$hot/$1" ] && taken_is $arrived; }

# --- ways of arriving ---
cp "$work/in/f0000.jpg" "$hot/a.jpg"; more "a copied file is taken" 1
cp "$work/in/f0001.jpg" "$hot/b.jpg.part"; check "NAME.part is left alone" stays b.jpg.part
mv "$hot/b.jpg.part" "$hot/b.jpg"; more "and taken when it is renamed" 1
cp "$work/in/f0002.png" "$hot/.c.png"; check "a hidden file is left alone" stays .c.png
mv "$hot/.c.png" "$hot/c.png"; more "and taken when it is renamed" 1
mkdir "$work/slow"
slow() { /usr/bin/python3 - "$1" "$2" <<'PY'
import sys, time
raw = open(sys.argv[1], 'rb').read()
with open(sys.argv[2], 'wb', buffering=0) as f:
    for i in range(0, len(raw), 1024):
        f.write(raw[i:i + 1024]); time.sleep(0.25)
PY
}
slow "$work/in/f0003.tif" "$hot/slow.tif" & slow "$work/in/f0004.pdf" "$hot/slow.pdf"; wait $!
more "files that are written slowly are taken once each" 2
idle_refused() { is_idle && [ "$(balance file rejected)" = "$1" ]; }
check "and whole: none of them is refused" until_true 30 idle_refused 0
for part in 0 1 2; do dd if="$work/in/f0005.zip" bs=3000 skip=$part count=1 status=none >>"$hot/pieces.zip"; sleep 0.4; done
dd if="$work/in/f0005.zip" bs=9000 skip=1 status=none >>"$hot/pieces.zip"
more "one that is closed and opened again for each piece is taken at its end mark, with its two entries" 3 30
printf 'file,pages\nnothing.pdf,1\n' >"$hot/note.csv.tmp"; mv "$hot/note.csv.tmp" "$hot/note.csv"; more "a format without an end mark is taken, too" 1
exec 7>"$hot/open.txt"; echo begun >&7; sleep 0.3; check "a file that its writer still holds open is not taken" stays open.txt
: >"$hot/open.txt.done"; more "NAME.done makes it complete at once" 1; exec 7>&-
no_done() { [ ! -e "$hot/open.txt.done" ]; }
check "and NAME.done goes with it" until_true 5 no_done

# --- a batch of its own ---
mkdir "$hot/Lote 7 ñ"; chmod 777 "$hot/Lote 7 ñ"
cp "$work/in/f0007.jpg" "$work/in/f0008.jpg" "$hot/Lote 7 ñ/"; more "a folder is a batch: its files are taken" 2
: >"$hot/Lote 7 ñ/.done"
gone() { [ ! -e "$hot/Lote 7 ñ" ]; }
check ".done closes the batch and the folder goes" until_true 10 gone
batch_closed() { escriba batch list --json 2>/dev/null | /usr/bin/python3 -c 'import json,sys; sys.exit(not any(b["folder"] == sys.argv[1] and b["cause"] == sys.argv[2] for b in map(json.loads, sys.stdin)))' "$1" "$2" 2>/dev/null; }
check "the batch is closed by the client's own sign" until_true 10 batch_closed "Lote 7 ñ" done
mkdir "$hot/m"; chmod 777 "$hot/m"
printf 'file,pages\nf0009.png,1\nf0014.jpg,1\n' >"$work/manifest.csv"
cp "$work/manifest.csv" "$work/in/f0009.png" "$work/in/f0014.jpg" "$hot/m/"; more "a batch with a manifest is taken" 3
check "and closes with the count of its manifest" until_true 20 batch_closed m manifest

# --- the same again ---
cp "$work/in/f0000.jpg" "$hot/same.jpg"; more "the same bytes a second time are recorded" 1
check "as a duplicate, not as a second document" test "$(balance file duplicate)" = 1
ln "$work/in/f0015.jpg" "$work/keep.jpg" && chmod 666 "$work/keep.jpg"
if ln "$work/in/f0015.jpg" "$hot/link.jpg" 2>/dev/null; then
    more "a file with another link is taken" 1
    check "and not overwritten, for the other link's sake" cmp -s "$work/keep.jpg" "$work/in/f0015.jpg"
    was=$(balance file duplicate)
    ln "$work/keep.jpg" "$hot/link.jpg"
    back() { [ ! -e "$hot/link.jpg" ]; }
    check "the very same delivery (we died before removing it) is removed" until_true 60 back
    check "and counted no second time" test "$(balance file duplicate):$(balance file arrived)" = "$was:$arrived"
fi

# --- odd things ---
mkfifo "$hot/fifo"; ln -s /etc/passwd "$hot/link"; mkdir -p "$hot/x/y"; chmod 777 "$hot/x" "$hot/x/y"; cp "$work/in/f0016.png" "$hot/x/y/deep.png"
/usr/bin/python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$hot/sock"
[ "$(id -u)" = 0 ] && mknod "$hot/zero" c 1 5
printf 'secret' >"$work/locked"; chmod 000 "$work/locked"; mv "$work/locked" "$hot/locked"
cp "$work/in/f0022.jpg" "$hot/$(printf 'new\nline\033[31m.jpg')"
cp "$work/in/f0023.png" "$hot/$(printf 'bad\377utf.png')"
cp "$work/in/f0028.jpg" "$hot/$(printf 'n%.0s' $(seq 251)).jpg"
cp "$work/in/f0029.jpg" "$hot/--help"
truncate -s 600M "$hot/huge.pdf"
whys() { for w in fifo link folder-too-deep socket unreadable; do grep -q "\"$w\":" "$home/run/intake.json" || { [ $w = unreadable ] && [ "$(id -u)" != 0 ]; } || return 1; done; }
more "odd names of any bytes are taken, and a file over the limit is recorded" 5 60
check "what cannot be taken is counted by why" until_true 60 whys
still_there() { [ -p "$hot/fifo" ] && [ -L "$hot/link" ] && [ -e "$hot/locked" ] && [ -e "$hot/x/y/deep.png" ]; }
check "and left where it is" still_there
check "a file over the limit is put aside, not destroyed" test -e "$hot/huge.pdf.refused"
head -c 2000 "$work/in/f0021.jpg" >"$hot/cut.jpg"; more "a cut file is taken after its time" 1 60
refusals() { pull; /usr/bin/python3 - "$work"/results/*.json <<'PY'
import json, sys
said = {m['delivery']['file']: m['refused']['reason'] for m in map(json.load, map(open, sys.argv[1:])) if 'refused' in m}
sys.exit(not (said.get('cut.jpg') == 'truncated' and said.get('huge.pdf') == 'file_too_large'))
PY
}
check "and both are refused by name" until_true 30 refusals

# --- lost events, lost database ---
kill -STOP "$(intake)"
/usr/bin/python3 - "$hot" <<'PY'
import os, sys
for i in range(18000):
    os.close(os.open('%s/.flood' % sys.argv[1], os.O_CREAT | os.O_WRONLY)); os.unlink('%s/.flood' % sys.argv[1])
PY
cp "$work/in/f0030.png" "$hot/after-the-flood.png"
kill -CONT "$(intake)"
more "when inotify loses events nothing is lost" 1 20
check "and the loss is said" logged intake.overflow
postgres=$(head -1 "$home/pg/postmaster.pid")
kill -STOP "$(intake)"; kill -QUIT "$postgres"; cp "$work/in/f0035.jpg" "$hot/while-away.jpg"; kill -CONT "$(intake)"
sleep 2
check "while the database is away the file stays" test -e "$hot/while-away.jpg"
check "and it is said" logged intake.waits
escriba up >/dev/null 2>&1
more "and is taken when it is back" 1 30

# --- large, in little memory ---
head -c $((120 << 20)) /dev/urandom >"$work/large.bin"; mv "$work/large.bin" "$hot/large.bin"
more "120 MiB are taken" 1 60
peak=$(awk '/VmHWM/ {print int($2 / 1024)}' "/proc/$(intake)/status")
echo "intake_peak_mib: $peak"
check "in less than 50 MiB of memory" test "$peak" -lt 50

check "the balance holds" escriba balance --quiet
[ $failed = 0 ]
