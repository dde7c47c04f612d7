/* separate.c - where one document ends and the next begins; the rule is in separate.h. */
#include "doc/separate.h"

#include <stdbool.h>

void
separate_pages(const struct page_facts *facts, uint32_t pages, uint32_t *owner, uint32_t *count)
{
    const struct page_facts *before = NULL; /* the last page of the open document */
    uint32_t documents = 0;

    for (uint32_t i = 0; i < pages; i++) {
        const struct page_facts *p = &facts[i];
        bool begins;

        owner[i] = PAGE_NOBODY;
        if (p->kind == PAGE_SEPARATOR || p->kind == PAGE_BATCH_SEPARATOR)
            before = NULL;
        if (p->kind != PAGE_CONTENT)
            continue;
        begins = before == NULL || p->page_k == 1 ||
                 (p->start >= SEPARATE_START && p->page_k <= 1) ||
                 (before->page_n > 0 && before->page_k == before->page_n && p->page_k == 0);
        if (begins)
            documents++;
        owner[i] = documents - 1;
        before = p;
    }
    *count = documents;
}
