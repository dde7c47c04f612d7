#!/bin/bash
# review.sh - a person corrects a real document at a real station, and the client gets the correction.
#
# A real cluster, keys, cages and desk; escriba-review under tmux. A faxed invoice goes in, every flagged
# field is accepted, corrected or marked, one of them with a value that no machine read; the package that the client
# pulls must hold it, said by a person. Then: who saw what is written down, a stranger is turned away, nothing
# stays on the screen, a document that is left goes back, a rejection and another type reach their ends.
set -u
export LC_ALL=C.UTF-8
root=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${BIN:-$root/build/bin}
export ESCRIBA_FORMS=$root/forms NO_COLOR=1 OMP_THREAD_LIMIT=1
unset ESCRIBA_HOME
command -v tmux >/dev/null || { echo "tmux is not installed"; exit 77; }
work=$(mktemp -d "${ESCRIBA_TMP:-/tmp}/rev.XXXX"); chmod 755 "$work"
home=$work/h
escriba() { "$BIN/escriba" "$@" --home "$home"; }
label=esr$$
mux() { tmux -L "$label" -f /dev/null "$@"; }
trap 'mux kill-server 2>/dev/null; escriba down >/dev/null 2>&1; rm -rf "$work"' EXIT
bad=0
check() { # name, command...
    local name=$1; shift
    if "$@"; then echo "ok - $name"; else echo "not ok - $name"; bad=1; mux capture-pane -p 2>/dev/null | sed 's/^/#   /'; fi
}
fail() { echo "not ok - $1"; [ -e "$work/log" ] && tail -n 15 "$work/log" | sed 's/^/#   /'; exit 1; }
screen() { mux capture-pane -p; }
shows() { for _ in $(seq "${2:-150}"); do screen | grep -qF -- "$1" && return 0; sleep 0.1; done; return 1; }
moved() { local old=$1; for _ in $(seq 150); do [ "$(screen | sed -n 1,2p)" != "$old" ] && return 0; sleep 0.1; done; return 1; }
keys() { mux send-keys "$@"; }
station() { # more arguments; the pane is made anew
    mux kill-server 2>/dev/null; label=esr$$.$((${label##*.} + 1))
    mux new-session -d -x 110 -y 34 "exec env -i TERM=tmux-256color PATH=$PATH HOME=$work LC_ALL=C.UTF-8 PS1='prompt> ' bash --norc --noprofile"
    shows 'prompt>'
    keys "$BIN/escriba-review --home $home $*" Enter
}
label=esr$$.0

escriba up --workers 2 >"$work/log" 2>&1 || fail "escriba up"
mkdir "$work/site"
"$BIN/escriba-client" keygen "$work/site/a.key" >>"$work/log" 2>&1 || fail "keygen"
escriba client add acme --name Acme --key "$work/site/a.key.pub" --streams mixed --quiet-seconds 2 >>"$work/log" 2>&1 || fail "client add"
# Every value is shown, however sure: the test must not wait for the machine to doubt the one that it corrects.
escriba client set acme --sample 100% >>"$work/log" 2>&1 || fail "client set"
for _ in $(seq 100); do [ -S "$home/run/desk.sock" ] && break; sleep 0.1; done

station
check "whom the desk does not know is told what to do" shows "escriba person add"
escriba person add 'Ana Ruiz' --user "$(id -un)" --clearance 5 --clients acme >>"$work/log" 2>&1 || fail "person add"

give() { # file: into the hot folder, until it waits for a person
    local before; before=$(waiting)
    cp "$1" "$home/hot/acme/mixed/"
    for _ in $(seq 900); do [ "$(waiting)" -gt "$before" ] && return 0; sleep 0.2; done
    return 1
}
waiting() { escriba document list --json 2>/dev/null | grep -c '"state": *"review"'; }
give "$root/fixtures/documents/invoice/en_minimal_fax.tif" || fail "the fax waits for a person"
echo "ok - the fax waits for a person"

# Everything that is flagged, decided; the purchase order gets a value that is on no paper.
decide_all() { # title to correct, value
    local i s value
    for i in $(seq 200); do
        s=$(screen)
        grep -qF "Everything is looked at" <<<"$s" && return 0
        value=$(grep -m1 '^ Value' <<<"$s" | sed 's/^ Value *//')
        if sed -n 2p <<<"$s" | grep -qF "$1"; then
            keys Home C-k; mux send-keys -l "$2"; keys Enter
        elif grep -qE 'Enter again|not in the list|is not a' <<<"$s"; then keys C-u
        elif [ -z "$value" ]; then keys C-b
        else keys Enter; fi
        moved "$(sed -n 1,2p <<<"$s")" || true
    done
    return 1
}
station
shows "1 waiting" && echo "ok - the queue shows it" || fail "the queue shows it"
keys Enter
check "its first flagged field opens" shows "to look at"
screen >"$work/first"
check "all flagged fields are decided" decide_all "Seller" "PO-CANARY-77123"
keys Enter
check "the document is sent on" shows "Sent on"
keys F10
check "the station ends" shows "prompt>"
clean() { ! { screen; mux capture-pane -p -S - -E -; mux capture-pane -p -a 2>/dev/null; } | grep -qP 'CANARY|Juniper|[\x{2801}-\x{28ff}]'; }
check "and leaves nothing on the screen or in its history" clean
for _ in $(seq 300); do
    state=$(escriba document list --json 2>/dev/null | head -n 1)
    case $state in *'"delivered"'*) break ;; esac
    sleep 0.2
done
check "the document is delivered" grep -q '"delivered"' <<<"$state"

mkdir "$work/got"
pull() { "$BIN/escriba-client" pull --handover "$home/handover/acme" --key "$work/site/a.key" --to "$work/got" >>"$work/log" 2>&1; }
check "the client pulls" pull
package=$(find "$work/got" -name '*.json' | head -n 1)
check "the package holds the correction" grep -q 'PO-CANARY-77123' "${package:-/dev/null}"
/usr/bin/python3 - "$package" >"$work/who" 2>&1 <<'PY'
import json, sys
found = []
def walk(o):
    if isinstance(o, dict):
        if o.get('value') == 'PO-CANARY-77123':
            found.append(json.dumps(o))
        for v in o.values():
            walk(v)
    elif isinstance(o, list):
        for v in o:
            walk(v)
walk(json.load(open(sys.argv[1], encoding='utf-8')))
print('\n'.join(found))
sys.exit(0 if found and any('person' in f for f in found) else 1)
PY
check "and says that a person said so" grep -q person "$work/who"

# Who saw what.
document=$(escriba document list --json 2>/dev/null | sed -n 's/.*"document_id": *"\([^"]*\)".*/\1/p' | head -n 1)
escriba document show "$document" --json >"$work/audit" 2>&1
check "what the person saw is in the audit" grep -q 'review.saw' "$work/audit"
check "and that the person decided" grep -q 'review.done' "$work/audit"
check "the audit still holds" bash -c '"$1" audit verify --home "$2" >/dev/null 2>&1' _ "$BIN/escriba" "$home"

# A second document: left, then locked out by a kill, then taken again, then rejected.
give "$root/fixtures/documents/invoice/es_boxes_vector.pdf" || give "$root/fixtures/documents/receipt/malaysia_worn.jpg" || fail "a second document waits"
station
shows "1 waiting"; keys Enter
check "the second opens" shows "to look at"
keys F10; shows "give back"; keys F10
check "F10 gives it back" shows "Given back"
keys Enter; shows "to look at"
pkill -KILL -x escriba-review -P "$(mux display-message -p '#{pane_pid}')"
sleep 1
check "after kill -9 nothing is left on the screen or in its history" clean
station
shows "1 waiting"; keys Enter
check "whoever is cut off loses no document" shows "to look at"
keys F8; shows "Why is it rejected"; keys Enter; shows "Enter again"; keys Enter
check "it is rejected with a reason" shows "Rejected"
keys F10
rejected() { for _ in $(seq 100); do escriba document list --json 2>/dev/null | grep -q '"rejected"\|person_illegible' && return 0; sleep 0.2; done; return 1; }
check "and the document says so" rejected

# A third: another type, read again as it; then typed in by hand.
choose() { # title of a type
    keys F7; shows "What kind of document" || return 1
    keys Home
    for _ in $(seq 12); do screen | grep -q "^> *$1" && return 0; keys Down; sleep 0.3; done
    return 1
}
forms_now() { escriba document list --json 2>/dev/null | sed -n 's/.*"form": *"\([^"]*\)".*/\1/p' | head -n 1; }
if give "$root/fixtures/documents/receipt/malaysia_worn.jpg"; then
    was=$(forms_now)
    other=Invoice name=invoice; [ "$was" = invoice ] && { other=Receipt; name=receipt; }
    station
    shows "1 waiting"; keys Enter; shows "to look at"
    check "the types are listed" choose "$other"
    keys Enter
    check "it is read again as the chosen type" shows "reads it again"
    for _ in $(seq 300); do [ "$(waiting)" = 1 ] && [ "$(forms_now)" = "$name" ] && break; sleep 0.2; done
    check "and comes back as that type" [ "$(forms_now)" = "$name" ]
    keys F5; shows "1 waiting"; keys Enter; shows "to look at"
    check "the types are listed again" choose Receipt
    keys F5
    check "typed in by hand, every field is empty" shows "not found by the machine"
    check "and all are decided" decide_all "Seller" "SELLER CANARY"
    keys Enter
    check "what was typed in goes on" shows "Sent on"
    keys F10
    for _ in $(seq 200); do
        pull; grep -rqs 'SELLER CANARY' "$work/got" && break
        sleep 0.3
    done
    check "and is delivered" grep -rqs 'SELLER CANARY' "$work/got"
fi

# Whoever talks nonsense to the desk's socket is cut off, and nobody else notices.
/usr/bin/python3 - "$home/run/desk.sock" >"$work/nonsense" 2>&1 <<'PY'
import os, random, socket, struct, sys, time
random.seed(7)
def talk(data, wait=True, to_end=False):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    s.settimeout(20)
    try:
        s.sendall(data)
        got = b''
        while wait:
            part = s.recv(65536)
            if not part:
                break
            got += part
            if not to_end and len(got) >= 12 and len(got) >= 12 + struct.unpack('<I', got[8:12])[0]:
                break
        return got
    except (BrokenPipeError, ConnectionResetError):
        return b''
    finally:
        s.close()
def frame(kind, body=b'', magic=0x31435345, fds=0, size=None):
    return struct.pack('<IHHI', magic, kind, fds, len(body) if size is None else size) + body
hello = frame(1, struct.pack('<I', 1) + struct.pack('<I', 0))
def kind(answer):
    return struct.unpack('<H', answer[4:6])[0] if len(answer) >= 12 else 0
assert kind(talk(hello)) == 101, 'hello is answered'
assert kind(talk(frame(3, bytes(16)))) == 109, 'nothing before hello'
assert kind(talk(frame(1, struct.pack('<II', 2, 0)))) == 109, 'another version is refused'
assert talk(frame(1, magic=1)) == b'', 'not ours'
assert talk(frame(1, size=1 << 30)) == b'', 'too large'
assert talk(frame(1, fds=2)) == b'', 'descriptors are not taken'
# the first may have been answered before the second came: what matters is that the line is cut
assert len(talk(hello + hello, to_end=True)) < 200, 'one question at a time'
for i in range(300):
    talk(os.urandom(random.randrange(1, 400)) if i % 3 else frame(random.randrange(0, 40), os.urandom(random.randrange(0, 60))), wait=False)
stay = []
for i in range(80):  # more than the desk lets one person have; half a question each
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    try:
        s.send(hello[:7])
    except OSError:
        pass
    stay.append(s)
for s in stay:
    s.close()
time.sleep(1)
assert kind(talk(hello)) == 101, 'it still answers'
print('fine')
PY
sed 's/^/# /' "$work/nonsense"
check "nonsense on the desk's socket is cut off, and it goes on" grep -q fine "$work/nonsense"

# The desk: small, and silent about what it shows.
desk=$(pgrep -f -- "escriba-desk --home $home" | head -n 1)
rss=$(awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$desk/status" 2>/dev/null)
check "the desk stays under 50 MiB (${rss:-?})" [ "${rss:-99}" -lt 50 ]
check "no value is in a log" bash -c '! grep -rqaE "CANARY|Juniper" "$1/log"' _ "$home"
exit $bad
