/*
 * step_delivery.c - a delivery step: what the client gets, signed by us and sealed to it.
 *
 * It crosses two databases.  Publishing is idempotent by client, document and version and gives
 * back the first sequence and digest, so a crash between the two commits delivers once.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "seal_result.h"
#include "step.h"

#define MESSAGE_MAX ((size_t)256 << 20)

/* A JSON string; what is no UTF-8 becomes U+FFFD, byte by byte. */
static void
write_json_string(struct buffer *b, struct bytes text)
{
    char escaped[8];
    size_t n;

    buffer_append(b, "\"", 1);
    for (size_t i = 0; i < text.size; i += n) {
        uint8_t c = text.data[i];

        n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        if (n > text.size - i || !text_is_utf8((const char *)text.data + i, n)) {
            n = 1;
            buffer_append(b, "\xef\xbf\xbd", 3);
        } else if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f) {
            snprintf(escaped, sizeof escaped, "\\u%04x", c);
            buffer_append(b, escaped, 6);
        } else {
            buffer_append(b, text.data + i, n);
        }
    }
    buffer_append(b, "\"", 1);
}

static void
write_json_text(struct buffer *b, const char *text)
{
    write_json_string(b, bytes_str(text));
}

/*
 * {"delivery":{...}: which document this is.  It stands inside the signed message, so that
 * nobody between us and the client can pass one result off as another's.
 */
static enum rc
write_delivery(struct step *s, const struct publication *p, struct buffer *b)
{
    const struct seal_place place = { ARTIFACT_NAME, 0, 0, 0, true };
    struct bytes name = { NULL, 0 };
    struct doc_key *key;
    char id[ID_TEXT], number[48];
    enum rc rc;

    if ((rc = step_file_key(s, &key)) != RC_OK)
        return rc;
    if ((rc = step_load(s, key, &place, &name)) != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    id_text(&p->client, id);
    snprintf(number, sizeof number, "{\"delivery\":{\"schema\":1,\"client\":\"");
    buffer_append(b, number, strlen(number));
    buffer_append(b, id, strlen(id));
    id_text(&p->document, id);
    buffer_append(b, "\",\"document\":\"", 14);
    buffer_append(b, id, strlen(id));
    snprintf(number, sizeof number, "\",\"version\":%u,\"kind\":\"%s\",\"file\":", p->version, p->kind);
    buffer_append(b, number, strlen(number));
    write_json_string(b, name);
    buffer_append(b, "}", 1);
    return b->failed ? RC_LIMIT : RC_OK;
}

/* The package is an object of the cage's making; ours goes in front of its first member. */
static enum rc
message_result(struct step *s, const struct publication *p, struct buffer *b)
{
    const struct seal_place place = { ARTIFACT_PACKAGE, 0, p->version, 0, true };
    uint8_t wrapped[WRAPPED_KEY_MAX];
    size_t size, at = 1;
    struct doc_key *key;
    struct bytes package;
    bool fresh;
    enum rc rc;

    if (s->claim->document_wrapped_size == 0)
        return RC_NOT_FOUND;
    if ((rc = step_document_key(s, &key, &fresh, wrapped, &size)) != RC_OK ||
        (rc = step_load(s, key, &place, &package)) != RC_OK)
        return rc;
    if (package.size < 2 || package.data[0] != '{' || package.data[package.size - 1] != '}' ||
        !text_is_utf8((const char *)package.data, package.size))
        return RC_INPUT;
    if ((rc = write_delivery(s, p, b)) != RC_OK)
        return rc;
    while (at < package.size && memchr(" \t\r\n", package.data[at], 4) != NULL)
        at++;
    if (package.data[at] != '}')
        buffer_append(b, ",", 1);
    buffer_append(b, package.data + at, package.size - at);
    return b->failed ? RC_LIMIT : RC_OK;
}

/* A refusal is a result too: a code for machines and a sentence for people, in both languages. */
static enum rc
message_refusal(struct step *s, const struct publication *p, struct buffer *b)
{
    const struct reason_row *row = reason_row(s->claim->refusal);
    char text[96];
    enum rc rc = write_delivery(s, p, b);

    if (rc != RC_OK)
        return rc;
    snprintf(text, sizeof text, ",\"refused\":{\"code\":%u,\"detail\":%u,\"reason\":", (unsigned)row->reason,
             s->claim->refusal_detail);
    buffer_append(b, text, strlen(text));
    write_json_text(b, row->word);
    buffer_append(b, ",\"class\":", 9);
    write_json_text(b, reason_class_name(row->class));
    buffer_append(b, ",\"en\":", 6);
    write_json_text(b, row->en);
    buffer_append(b, ",\"es\":", 6);
    write_json_text(b, row->es);
    buffer_append(b, "}}", 2);
    return b->failed ? RC_LIMIT : RC_OK;
}

static enum rc
delivery_seal(struct step *s, struct bytes message, struct publication *p)
{
    struct engine *e = s->engine;
    uint8_t box_key[BOX_KEY_SIZE], signature[SIGNATURE_SIZE], digest[64];
    enum rc rc;

    seal_result_digest(message, digest);
    if ((rc = keyclient_box_key(e->keys, &p->client, box_key)) != RC_OK ||
        (rc = keyclient_sign(e->keys, &p->client, digest, signature)) != RC_OK)
        return rc;
    return seal_result(box_key, signature, message, s->arena, &p->payload, p->digest);
}

enum rc
step_delivery(struct step *s)
{
    const struct claim *c = s->claim;
    bool refused = c->refusal != REASON_NONE;
    struct publication p = { .client = c->client, .document = id_is_zero(&c->document) ? c->file : c->document,
                             .batch = c->batch, .version = c->version, .kind = refused ? "refusal" : "result",
                             .form = c->form };
    struct buffer message;
    uint8_t digest[32];
    int64_t seq;
    enum rc rc;

    buffer_init(&message, MESSAGE_MAX);
    rc = refused ? message_refusal(s, &p, &message) : message_result(s, &p, &message);
    if (rc == RC_OK)
        rc = delivery_seal(s, buffer_bytes(&message), &p);
    buffer_done(&message);
    if (rc == RC_OK && (rc = store_publish(s->engine->delivery, &p, &seq, digest)) == RC_OK)
        rc = store_commit_delivery(s->engine->work, c, seq, digest);
    return rc;
}
