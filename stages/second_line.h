/* second_line.h - the second reader on a page: a line's words, and the two readers' words made one. */
#ifndef STAGES_SECOND_LINE_H
#define STAGES_SECOND_LINE_H

#include "ocr.h"
#include "ocr_lines.h"
#include "second.h"

/* What two readers say about the same stretch of a line; shares 0..1, see second_choice.c. */
struct second_pair {
    const char *first, *second;        /* their texts, blanks kept; "" for nothing                   */
    float first_conf, second_conf;     /* of the weakest word                                        */
    float first_line, second_line;     /* means over the line, by letters: how well each does here   */
};

/*
 * Read a line by the second reader.  gray: the upright straight page; the words' boxes are pixels of it, from the
 * columns in which the letters were seen, as high as the line.
 */
MUST_USE enum rc second_line(PIX *gray, const struct line_box *line, struct arena *arena, struct ocr_text *out);

/*
 * A word's box no higher than the line's letters where it stands: b's y, cut (b in the page's pixels, as the line's).
 * Boxes that reach into the next row would make one line of two.
 */
void second_cut_height(const struct line_box *line, struct box *b);

/*
 * Read a picture of one short piece of print that is already set: dark on white, capitals body pixels tall, their
 * baseline up pixels below the top.  allow: as in second_read.  whole: second_accounts for what was read.
 */
MUST_USE enum rc second_piece(PIX *pix, int body, int up, const char *allow, struct arena *arena, const char **text,
                              float *conf, bool *whole);

/*
 * Do the letters account for the ink of a line image (as in second_read) from one end to the other?  The network may
 * lose a letter, most of all the last one, and be as sure of the rest: "V0346012" for V03460120, at 0.9995.
 */
bool second_accounts(const struct second_text *read, const uint8_t *gray, int width);

/*
 * One text out of both.  Where they agree a word has both; where they differ, the one which is more probably right
 * leads and the other is kept beside it (struct word: second, second_conf, reader).  All boxes in one frame.
 */
MUST_USE enum rc second_merge(const struct ocr_text *first, const struct ocr_text *second, struct arena *arena,
                              struct ocr_text *out);

/*
 * Grain, wood and handwriting make both readers say something, but never the same.  On a page where they agree on
 * hardly any word of three letters nobody should be sure of anything: every word's number is lowered.  True: such a
 * page.
 */
bool second_disowns(struct word *words, uint32_t count);

/* How probably the second reader is the right one of the two, when they differ; learnt (bench/train_choice). */
double second_choice(const struct second_pair *pair);

#endif
