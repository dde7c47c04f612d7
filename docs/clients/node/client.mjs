// npm i pg libsodium-wrappers; PGHOST PGDATABASE PGUSER PGPASSFILE set; node client.mjs acme.key signer.pub
import fs from 'node:fs';
import pg from 'pg';
import sodium from 'libsodium-wrappers';
await sodium.ready;
const secret = new Uint8Array(fs.readFileSync(process.argv[2])), own = sodium.crypto_scalarmult_base(secret);
const signer = sodium.from_hex(fs.readFileSync(process.argv[3], 'utf8').trim());
const db = new pg.Client(); await db.connect(); // the environment says where
const { rows } = await db.query('SELECT seq, payload, document, version, kind FROM delivery.results WHERE acked_at IS NULL ORDER BY seq LIMIT 100');
for (const { seq, payload, ...row } of rows) {
  const opened = sodium.crypto_box_seal_open(new Uint8Array(payload), own, secret); // throws: not sealed to this key
  const signature = opened.slice(0, 64), message = opened.slice(64);
  const signed = Buffer.concat([Buffer.from('escriba result v1\n'), own, sodium.crypto_generichash(64, message)]);
  if (!sodium.crypto_sign_verify_detached(signature, signed, signer)) throw new Error(`result ${seq} is forged`);
  const says = JSON.parse(Buffer.from(message)).delivery;
  if (['document', 'version', 'kind'].some((k) => says[k] !== row[k])) throw new Error(`result ${seq} was put into another's row`);
  console.log(Buffer.from(message).toString()); // keep it safe, then acknowledge:
  await db.query('SELECT delivery.ack($1)', [seq]);
}
await db.end();
