/*
 * id.h - the 16 random bytes that name a client, batch, file, document or person.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#define ID_SIZE 16
#define ID_TEXT 37 /* "8-4-4-4-12" and a NUL */

struct id {
    uint8_t b[ID_SIZE];
};

void id_text(const struct id *id, char out[ID_TEXT]);
/* Accepts the usual UUID text, any case. */
bool id_parse(const char *text, struct id *out);
bool id_equal(const struct id *a, const struct id *b);
bool id_is_zero(const struct id *id);
/* A random version-4 UUID from getrandom(2). */
void id_new(struct id *out);

#endif
