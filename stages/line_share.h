/* line_share.h - lines that were found twice in part. */
#ifndef STAGES_LINE_SHARE_H
#define STAGES_LINE_SHARE_H

#include "ocr_lines.h"

/* Lines of one row that reach into each other: the longer one keeps what both have.  Their order stays. */
void lines_share(struct line_set *set);

#endif
