/*
 * screen.h - the terminal: text that cannot drive it, keys, and leaving nothing behind.
 *
 * Everything goes to the alternate screen and is wiped line by line before we leave it, so
 * that no value stays on the screen or moves into a scrollback.
 */
#ifndef PIPELINE_SCREEN_H
#define PIPELINE_SCREEN_H

#include <stdbool.h>
#include <wchar.h>

#include "base/rc.h"
#include "binding.h"

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_TITLE, STYLE_DIM, STYLE_ALERT, STYLE_GOOD, STYLE_FIELD, STYLE_CHOSEN };

/* RC_CONFIG when TERM is unknown or cannot move a cursor.  color: use it where the terminal can. */
MUST_USE enum rc screen_open(bool color);
/* Wipe, leave the alternate screen, give the terminal back as it was. */
void screen_close(void);
/* Blank the terminal itself, not only our picture of it. */
void screen_wipe(void);
/*
 * A process of its own that outlives a kill -9 of this one: it wipes the screen and gives
 * the terminal back.  Call before screen_open; screen_guard_end when all is clean.
 */
MUST_USE enum rc screen_guard_start(void);
void screen_guard_end(void);

int screen_rows(void);
int screen_columns(void);
/* Forget what was drawn; nothing is sent before screen_show. */
void screen_begin(void);
void screen_show(void);
/* Draw everything again from nothing. */
void screen_redraw(void);
/* Text at a place, at most width columns, made harmless; returns the columns used. */
int screen_put(int row, int column, int width, enum style style, const char *text);
/* The same over a whole line, the rest filled with the style. */
void screen_bar(int row, enum style style, const char *left, const char *right);
/* Text over several lines, broken between words; returns the lines used. */
int screen_wrap(int row, int column, int width, int lines, enum style style, const char *text);
/* Ready-made characters of one column each. */
void screen_cells(int row, int column, const wchar_t *cells, int count);
/* Where the cursor stands after screen_show; row < 0 hides it. */
void screen_cursor(int row, int column);
/* False when nothing came in time. A changed window size comes as KEY_RESIZE. */
bool screen_key(int timeout_ms, struct key *out);
/* Forget what was typed and not yet read. */
void screen_drop_keys(void);
/* Columns that a text takes. */
int screen_width_of(const char *text);

#endif
