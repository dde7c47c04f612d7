/*
 * separate.h - where one document ends and the next begins, from the facts of the pages.
 *
 * One rule in two places: this function for `escriba read`, and SQL's work.separate_pages for the
 * queue.  Both run the rows of tests/sql/work_commit.sql.  A page that matched a fixed form has
 * start 1 here.
 */
#ifndef DOC_SEPARATE_H
#define DOC_SEPARATE_H

#include "doc/reading.h"

/* No document: the page is blank, or a separator sheet. */
#define PAGE_NOBODY UINT32_MAX

/*
 * owner[i] gets the number of the document that page i belongs to, from 0 upward, or PAGE_NOBODY.
 * The rule, page after page in order:
 *   1. a separator or batch separator belongs to nobody, and the next page of content begins a document;
 *   2. a blank page belongs to nobody;
 *   3. a page of content begins a document when none is open, or
 *      - it says "page 1 of n" (page_k 1), or
 *      - its start is SEPARATE_START or more and it does not say "page k of n" with k over 1, or
 *      - the page before belongs to a document that said "page n of n" and this page says nothing;
 *   4. every other page of content goes on with the open document.
 * *count gets the number of documents. Pure.
 */
#define SEPARATE_START 0.5f
void separate_pages(const struct page_facts *facts, uint32_t pages, uint32_t *owner, uint32_t *count);

#endif
