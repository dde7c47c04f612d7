#!/usr/bin/python3
"""A person at the desk, without a terminal: takes what waits and says what the truth says.

    memory_desk.py SOCKET TRUTH.json [FIELD...]

With names of fields only these are asked about, and the document is given back: prints "FIELD MARK VALUE" for each. Else
every flagged item is accepted when it is right, corrected when it is wrong, blank when the truth has none, and the document
is sent on: prints how many of each.
"""
import json
import re
import socket
import struct
import sys
import time
import unicodedata

HELLO, TAKE, FIELD, ACCEPT, CORRECT, BLANK, FINISH, LEAVE = 1, 3, 4, 6, 7, 8, 15, 16
FLAGGED, BUSY = 1, 12


def norm(kind, value):
    value = unicodedata.normalize('NFC', str(value)).strip()
    if kind == 'money':
        return '%.2f' % float(value) if re.fullmatch(r'-?\d+(\.\d{1,2})?', value) else None
    return value if kind == 'date' else ''.join(c for c in value.upper() if c.isalnum())


class Desk:
    def __init__(self, path):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.connect(path)
        self.s.settimeout(60)

    def exactly(self, n):
        out = b''
        while len(out) < n:
            part = self.s.recv(n - len(out))
            if not part:
                sys.exit('the desk closed the conversation')
            out += part
        return out

    def ask(self, what, body=b''):
        until = time.monotonic() + 90
        while True:
            self.s.sendall(struct.pack('<IHHI', 0x31435345, what, 0, len(body)) + body)
            _, kind, _, size = struct.unpack('<IHHI', self.exactly(12))
            answer = self.exactly(size)
            # one person may ask only so much at a time: a program is quicker than that
            if kind != 109 or answer[:2] != struct.pack('<H', BUSY) or time.monotonic() > until:
                return kind, answer
            time.sleep(0.3)


def text(s):
    b = s.encode()
    return struct.pack('<I', len(b)) + b


class Body:
    def __init__(self, b):
        self.b, self.at = b, 0

    def take(self, form):
        v = struct.unpack_from('<' + form, self.b, self.at)[0]
        self.at += struct.calcsize('<' + form)
        return v

    def text(self):
        n = self.take('I')
        self.at += n
        return self.b[self.at - n:self.at].decode()


def main():
    gold = {k: v for k, v in json.load(open(sys.argv[2], encoding='utf-8'))['gold'].items() if v['value'] not in ('', None)}
    only, said = sys.argv[3:], {'accepted': 0, 'corrected': 0, 'blank': 0}
    d = Desk(sys.argv[1])
    kind, _ = d.ask(HELLO, struct.pack('<I', 1) + text('en'))
    if kind != 101:
        sys.exit('not welcome')
    kind, body = d.ask(TAKE, bytes(16))
    if kind != 103:
        sys.exit('nothing waits: %d %r' % (kind, body))
    b = Body(body)
    b.at = 16
    for _ in range(3):
        b.text()
    b.take('I'), b.take('I'), b.take('q'), b.take('B'), b.take('B')
    items = []
    for i in range(b.take('I')):
        name = b.text()
        b.text()
        b.take('B')
        items.append((i, name, b.take('B')))
        b.take('B'), b.take('I')
    for i, name, mark in items:
        if (only and name not in only) or (not only and mark != FLAGGED):
            continue
        if '[' in name:  # rows are not what this is about
            kind, answer = d.ask(ACCEPT, struct.pack('<I', i))
            if kind != 106 or answer[4] != 0:
                d.ask(BLANK, struct.pack('<I', i))
            continue
        f = Body(d.ask(FIELD, struct.pack('<I', i))[1])
        f.take('I')
        value = f.text()
        if only:
            print(name, mark, value)
            continue
        g = gold.get(name)
        if g is None:
            how, what, body = 'blank', BLANK, struct.pack('<I', i)
        elif value and norm(g['type'], value) == norm(g['type'], g['value']):
            how, what, body = 'accepted', ACCEPT, struct.pack('<I', i)
        else:
            how, what, body = 'corrected', CORRECT, struct.pack('<IB', i, 1) + text(g['value'])
        kind, answer = d.ask(what, body)
        if kind == 106 and answer[4] != 0 and what == ACCEPT:  # it must be typed
            kind, answer = d.ask(CORRECT, struct.pack('<IB', i, 1) + text(g['value']))
        if kind != 106 or answer[4] != 0:
            d.ask(BLANK, struct.pack('<I', i))
        said[how] += 1
    kind, body = d.ask(LEAVE if only else FINISH)
    if kind != 108:
        sys.exit('not sent on: %d %r' % (kind, body))
    if not only:
        print(json.dumps(said))


main()
