<?php // apt: php-cli php-pgsql (sodium is built in); PGHOST PGDATABASE PGUSER PGPASSFILE set; php client.php acme.key signer.pub
$secret = file_get_contents($argv[1]);
$own = sodium_crypto_box_publickey_from_secretkey($secret);
$pair = sodium_crypto_box_keypair_from_secretkey_and_publickey($secret, $own);
$signer = sodium_hex2bin(trim(file_get_contents($argv[2])));
$db = pg_connect('') or exit(69); // the environment says where
$rows = pg_query($db, 'SELECT seq, payload, document, version, kind FROM delivery.results WHERE acked_at IS NULL ORDER BY seq LIMIT 100');
while ($row = pg_fetch_assoc($rows)) {
    $opened = sodium_crypto_box_seal_open(pg_unescape_bytea($row['payload']), $pair); // false, it does not throw
    if ($opened === false) { fwrite(STDERR, "result {$row['seq']} was not sealed to this key\n"); exit(65); }
    $signature = substr($opened, 0, 64);
    $message = substr($opened, 64);
    $signed = "escriba result v1\n" . $own . sodium_crypto_generichash($message, '', 64);
    if (!sodium_crypto_sign_verify_detached($signature, $signed, $signer)) { fwrite(STDERR, "result {$row['seq']} is forged\n"); exit(65); }
    ['document' => $document, 'version' => $version, 'kind' => $kind] = json_decode($message, true)['delivery'];
    if ([$document, "$version", $kind] !== [$row['document'], $row['version'], $row['kind']]) { fwrite(STDERR, "result {$row['seq']} was put into another's row\n"); exit(65); }
    echo $message, "\n"; // keep it safe, then acknowledge:
    pg_query_params($db, 'SELECT delivery.ack($1)', [$row['seq']]);
}
