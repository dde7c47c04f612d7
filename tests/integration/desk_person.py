#!/usr/bin/python3
"""desk_person.py - a person at the desk, as a program: takes a document, decides what is flagged, sends it on.

    desk_person.py SOCKET DOCUMENT|next [FIELD=VALUE]...

Speaks the station's protocol (include/base/deskproto.h). FIELD gets VALUE against any rule; what else is flagged is
accepted as it stands, typed as it was shown when the desk wants it typed, and left blank when there is nothing. Prints
the names of what was flagged. Exit 3: the desk said no, and its sentence is on standard error.
"""
import socket
import struct
import sys
import time
import uuid

MAGIC = 0x31435345
HELLO, TAKE, FIELD, ACCEPT, CORRECT, BLANK, FINISH = 1, 3, 4, 6, 7, 8, 15


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def num(self, form):
        v, = struct.unpack_from('<' + form, self.data, self.at)
        self.at += struct.calcsize('<' + form)
        return v

    def text(self):
        n = self.num('I')
        self.at += n
        return self.data[self.at - n:self.at].decode()


def text(s):
    s = s.encode()
    return struct.pack('<I', len(s)) + s


def ask(sock, what, body):
    while True:
        sock.sendall(struct.pack('<III', MAGIC, what, len(body)) + body)
        head = b''
        while len(head) < 12:
            head += sock.recv(12 - len(head)) or sys.exit('the desk is gone')
        _, kind, size = struct.unpack('<III', head)
        data = b''
        while len(data) < size:
            data += sock.recv(size - len(data)) or sys.exit('the desk is gone')
        r = Reader(data)
        if kind & 0xffff != 109:
            return r
        code, sentence = r.num('H'), r.text()
        if 'Wait a few seconds' not in sentence:
            print(sentence, file=sys.stderr)
            sys.exit(3)
        time.sleep(1)


def main():
    path, document, wanted = sys.argv[1], sys.argv[2], dict(a.split('=', 1) for a in sys.argv[3:])
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(path)
    ask(sock, HELLO, struct.pack('<I', 1) + text('en'))
    r = ask(sock, TAKE, b'\0' * 16 if document == 'next' else uuid.UUID(document).bytes)
    r.at = 16
    for _ in range(3):
        r.text()
    r.at += 4 + 4 + 8 + 1 + 1
    items = []
    for n in range(r.num('I')):
        name = r.text()
        r.text()
        r.num('B')
        items.append((n, name, r.num('B')))
        r.num('B')
        r.num('I')
    for n, name, mark in items:
        if name in wanted:
            ask(sock, CORRECT, struct.pack('<IB', n, 1) + text(wanted[name]))
        elif mark == 1:
            print(name)
            f = ask(sock, FIELD, struct.pack('<I', n))
            f.num('I')
            value = f.text()
            d = ask(sock, ACCEPT, struct.pack('<I', n))
            d.num('I')
            if d.num('B') != 0 and value:
                d = ask(sock, CORRECT, struct.pack('<IB', n, 1) + text(value))
                d.num('I')
                value = '' if d.num('B') != 0 else value
            if not value:
                ask(sock, BLANK, struct.pack('<I', n))
    ask(sock, FINISH, b'')


main()
