#!/bin/bash
# station.sh - the review station in a real terminal: keys in, screens out, and nothing left behind.
#
# Runs escriba-review under tmux against deskdouble, which speaks the desk's protocol from a fixed
# document. What leaves on lock, leave, kill and resize is looked for in the pane and in its history.
set -u
export LC_ALL=C.UTF-8
root=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${BIN:-$root/build/bin}
double=$(dirname "$BIN")/tests/deskdouble
command -v tmux >/dev/null || { echo "tmux is not installed"; exit 77; }
[ -x "$double" ] || { echo "deskdouble was not built (cmocka is missing)"; exit 77; }
work=$(mktemp -d "${ESCRIBA_TMP:-/tmp}/scr.XXXX")
label=esc$$.0
mux() { tmux -L "$label" -f /dev/null "$@"; }
double_pid=
trap 'mux kill-server 2>/dev/null; [ -n "$double_pid" ] && kill "$double_pid" 2>/dev/null; rm -rf "$work"' EXIT
bad=0
check() { # name, command...
    local name=$1; shift
    if "$@"; then echo "ok - $name"; else echo "not ok - $name"; bad=1; mux capture-pane -p 2>/dev/null | sed 's/^/#   /'; fi
}

# A picture: a black bar on paper, so that ink is ink.
{ printf 'P5\n200 60\n255\n'; for _ in $(seq 20); do head -c 200 /dev/zero | tr '\0' '\377'; done
  for _ in $(seq 20); do head -c 60 /dev/zero | tr '\0' '\377'; head -c 80 /dev/zero; head -c 60 /dev/zero | tr '\0' '\377'; done
  for _ in $(seq 20); do head -c 200 /dev/zero | tr '\0' '\377'; done; } >"$work/p.pgm"

desk() { # idle seconds
    [ -n "$double_pid" ] && { kill "$double_pid"; wait "$double_pid" 2>/dev/null; }
    rm -f "$work/d.sock"
    "$double" "$work/d.sock" "$work/p.pgm" "${1:-120}" >"$work/said" 2>/dev/null &
    double_pid=$!
    for _ in $(seq 50); do [ -S "$work/d.sock" ] && return; sleep 0.1; done
}
screen() { mux capture-pane -p; }
# Wait until the pane shows a text.
shows() { for _ in $(seq 60); do screen | grep -qF -- "$1" && return 0; sleep 0.1; done; return 1; }
hides() { for _ in $(seq 30); do screen | grep -qF -- "$1" || return 0; sleep 0.1; done; return 1; }
said() { for _ in $(seq 30); do grep -qxF -- "$1" "$work/said" && return 0; sleep 0.1; done; return 1; }
keys() { mux send-keys "$@"; sleep 0.25; }
# Nothing of the document in the pane, in its other screen and in its history.
clean() {
    local all
    hides '182.47' && sleep 0.3
    all=$(mux capture-pane -p -S - -E -; mux capture-pane -p -a 2>/dev/null)
    grep -qP 'CANARY|182\.47|30/02/2026|99,10|[\x{2801}-\x{28ff}]' <<<"$all"
    [ $? = 1 ] # 2 would be a broken search
}
dirty() { ! clean; }
begin() { # TERM, more arguments
    local term=$1; shift
    mux kill-server 2>/dev/null
    label=esc$$.$((${label##*.} + 1)) # a server that is ending would take the new session with it
    mux new-session -d -x "${COLS:-100}" -y "${ROWS:-30}" "exec env -i PATH=$PATH HOME=$work LC_ALL=C.UTF-8 PS1='prompt> ' bash --norc --noprofile"
    sleep 0.3
    mux send-keys "TERM=$term ${ENV:-} $BIN/escriba-review --socket $work/d.sock $*" Enter
}

desk
begin tmux-256color
check "the queue is shown" shows "Documents waiting"
keys Enter
check "the first flagged field opens, with its value" shows "182.47"
check "with its picture in braille" shows "⣿"
check "with its reason" shows "The sum differs"
check "what is looked for afterwards is found while it is there" dirty
keys Enter
check "Enter accepts and goes to the next flagged field" shows "Issue date"
check "the desk was told" said "6 1 0 "
keys Home C-k; mux send-keys -l "30/02/2026"; keys Enter
check "a date that is none is refused here" shows "There is no such date"
keys Home C-k; mux send-keys -l '28.02.2026'; keys Enter
check "a date typed another way arrives canonical" said "7 2 0 2026-02-28"
check "the seller is shown" shows "Seller"
check "control characters and bidi marks become question marks" shows "CANARY ?[31mWorks? Ltd"
keys C-z
check "Ctrl+Z takes back and returns to the field" shows "30/02/2026"
mux send-keys -l '2026-02-27'; keys Enter
check "typing over an untouched value replaces it" said "7 2 0 2026-02-27"
keys Escape
check "Escape destroys nothing and says so" shows "Escape changes nothing"
keys C-u
check "Ctrl+U marks unreadable" said "9 3 0 "
check "a list shows its choices" shows "EUR | USD"
keys Enter
check "an empty value is not accepted" shows "There is no value"
mux send-keys -l 'gbp'; keys Enter
check "what is not in the list is refused here" shows "not in the list"
keys Home C-k F2 Enter
check "F2 takes a choice" said "7 4 0 EUR"
mux send-keys -l 'BAD'; keys Enter
check "the desk's doubt is shown" shows "The check digit is wrong"
keys Enter
check "Enter again insists" said "7 5 1 BAD"
check "a cell of the table is reviewed in the same way" shows "Line 1: amount"
mux send-keys 123 Escape '[D' 2>/dev/null; keys Home C-k; mux send-keys -l '45,50-'; keys Enter
check "a minus typed behind makes an amount negative" said "7 6 0 -45.50"
check "after the last one the document says that all is done" shows "Everything is looked at"
check "marks are words, not only colours" shows "unreadable"
keys F8
check "F8 asks for a reason" shows "Why is it rejected?"
keys F10
check "F10 closes the list" shows "Everything is looked at"
keys F7
check "F7 lists the types" shows "Payslip"
keys F10 Enter
check "Enter sends the document on" shows "accepted"
check "the desk was told" said "15 0 0 "
keys F1
check "F1 prints the keys of this place" shows "lock now"
keys F1 F10
check "F10 leaves" shows "prompt>"
check "leaving leaves nothing" clean

desk
for term in xterm screen-256color linux xterm-256color vt220; do
    begin "$term"
    shows "Documents waiting"; keys Enter
    check "TERM=$term shows the field" shows "182.47"
    mux send-keys Escape OM
    check "TERM=$term: the keypad's Enter accepts" shows "Issue date"
    keys F10
    check "TERM=$term: F10 goes back to the list" shows "Grand total"
    keys F10; keys F10
    check "TERM=$term: leaving leaves nothing" clean
done

begin tmux-256color; shows "Documents waiting"; keys Enter; shows "182.47"
for size in 60x18 200x60 80x24 61x19; do
    mux resize-window -x "${size%x*}" -y "${size#*x}" 2>/dev/null; sleep 0.5
    check "resized to $size it still shows the value" shows "182.47"
done
mux resize-window -x 40 -y 10; sleep 0.3
check "a window too small says so and shows no value" shows "Make the window larger"
mux resize-window -x 100 -y 30; sleep 0.3; shows "182.47"
keys F12
check "F12 locks: no value on the screen" clean
check "the lock says what to do" shows "Press any key"
keys x
check "a key alone does not open it" shows "Press Enter to go on"
keys Enter
check "a key and Enter do, after the desk was asked" shows "182.47"

for signal in TERM HUP INT; do
    begin tmux-256color; shows "Documents waiting"; keys Enter; shows "182.47"
    pkill -"$signal" -x escriba-review -P "$(mux display-message -p '#{pane_pid}')"
    check "SIG$signal: the terminal is given back" shows "prompt>"
    check "SIG$signal leaves nothing" clean
done
begin tmux-256color; shows "Documents waiting"; keys Enter; shows "182.47"
pkill -KILL -x escriba-review -P "$(mux display-message -p '#{pane_pid}')"
check "kill -9: the guard gives the terminal back" hides "182.47"
check "kill -9 leaves nothing" clean
mux send-keys 'echo still $((20+3))' Enter
check "kill -9: the shell's terminal is as it was" shows "still 23"
begin tmux-256color; shows "Documents waiting"; keys Enter; shows "182.47"
pid=$(pgrep -x escriba-review -P "$(mux display-message -p '#{pane_pid}')")
kill -KILL -- "-$(ps -o pgid= -p "$pid" | tr -d ' ')"
check "kill -9 of its process group leaves nothing" clean

desk 5
begin tmux-256color; shows "Documents waiting"; keys Enter; shows "182.47"
sleep 6.5
check "after the idle time it is locked" shows "The station is locked"
check "and shows nothing" clean
keys x Enter
check "and opens again" shows "182.47"
keys F12; kill "$double_pid"; wait "$double_pid" 2>/dev/null; double_pid=
keys x Enter
check "a desk that is gone ends it with words" shows "The desk has gone away"
check "and leaves nothing" clean

mux send-keys "clear; $BIN/escriba-review --socket $work/none.sock; echo code \$?" Enter
check "no desk: what to do is said" shows "escriba up"
check "with its own exit code" shows "code 69"
mux send-keys "clear; TERM=dumb $BIN/escriba-review --socket $work/d.sock; echo code \$?" Enter
sleep 0.3
desk
mux send-keys "clear; TERM=nonsense $BIN/escriba-review --socket $work/d.sock; echo code \$?" Enter
check "an unknown TERM: what to do is said" shows "TERM=xterm"
check "with its own exit code" shows "code 78"
"$BIN/escriba-review" --socket "$work/d.sock" </dev/null >"$work/out" 2>&1
check "without a terminal it says so" grep -q "needs a terminal" "$work/out"

begin tmux-256color --language es --once
check "in Spanish, once: the field comes at once" shows "importe, obligatorio"
check "in Spanish: reasons" shows "La suma no coincide"
keys F1
check "in Spanish: keys" shows "ilegible"
keys F1; for _ in 1 2 3 4 5 6; do keys C-b; done
check "in Spanish: all done" shows "Todo está revisado"
keys Enter
check "--once ends after one document" shows "prompt>"
check "and says what was done" shows "Enviado"
ENV=NO_COLOR=1 begin xterm-256color
shows "Documents waiting"; keys Enter; shows "182.47"; keys F10; shows "Grand total"
check "NO_COLOR: no colour is sent" bash -c '! tmux -L "$1" capture-pane -p -e | grep -qE "$(printf "\033")\[([0-9]+;)*(3|4|9|10)[0-7][;m]"' _ "$label"
exit $bad
