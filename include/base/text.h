/*
 * text.h - UTF-8 checks, folding, and strict parsing of numbers and settings.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

bool text_is_utf8(const char *text, size_t size);
/* Decimal digits only, the whole string, within [min,max]. */
bool text_parse_i64(const char *text, int64_t min, int64_t max, int64_t *out);
bool text_starts(const char *text, const char *prefix);
bool text_ends(const char *text, const char *suffix);
/*
 * A printable copy: control characters, escapes, bidi marks and invalid bytes become
 * '?', so that a name or a value cannot drive a terminal.
 */
char *text_printable(struct arena *arena, const char *text, size_t size);
/* Hexadecimal; out has room for 2 * size + 1. */
void text_hex(const uint8_t *bytes, size_t size, char *out);
bool text_unhex(const char *text, uint8_t *out, size_t size);

#endif
