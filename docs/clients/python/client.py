#!/usr/bin/python3
# apt: python3-psycopg2 python3-nacl; PGHOST PGDATABASE PGUSER PGPASSFILE set; client.py acme.key signer.pub
import hashlib, json, sys, psycopg2, nacl.public, nacl.signing

secret = nacl.public.PrivateKey(open(sys.argv[1], "rb").read())
box, own = nacl.public.SealedBox(secret), bytes(secret.public_key)
signer = nacl.signing.VerifyKey(bytes.fromhex(open(sys.argv[2]).read().strip()))
db = psycopg2.connect("")  # the environment says where
cursor = db.cursor()
cursor.execute("SELECT seq, payload, document::text, version, kind FROM delivery.results WHERE acked_at IS NULL ORDER BY seq LIMIT 100")
for seq, payload, *row in cursor.fetchall():
    opened = box.decrypt(bytes(payload))  # raises: not sealed to this key
    signature, message = opened[:64], opened[64:]
    signer.verify(b"escriba result v1\n" + own + hashlib.blake2b(message).digest(), signature)  # raises: forged
    says = json.loads(message)["delivery"]
    if [says["document"], says["version"], says["kind"]] != row: sys.exit("result %d was put into another's row" % seq)
    print(message.decode(), flush=True)  # keep it safe, then acknowledge:
    cursor.execute("SELECT delivery.ack(%s)", (seq,))
    db.commit()
