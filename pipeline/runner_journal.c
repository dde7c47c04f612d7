/* runner_journal.c - a shared mapping of one small file: writes to it survive our death, not the machine's. */
#include "runner_journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define JOURNAL_MAGIC 0x324a5345u /* "ESJ2" */
#define DEATHS_MAX 5              /* of runners in one step, before the step is blamed */
#define NOBODY UINT32_MAX

struct page {
    uint32_t magic;
    uint32_t claim_size; /* another version's claims are not ours to read */
    struct id worker;
    uint32_t count;
    uint32_t at_hand;
    int64_t deadly_step;
    uint32_t deaths;
    uint8_t settled[CLAIMS_MAX];
    struct claim claims[CLAIMS_MAX];
};

struct journal {
    int fd;
    bool recovered;
    struct page *page;
};

enum rc
journal_open(const struct instance *in, unsigned slot, struct journal **out)
{
    char path[PATH_ROOM + 48];
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    struct journal *j = calloc(1, sizeof *j);
    struct stat st;
    void *map;
    enum rc rc = RC_IO;

    if (j == NULL)
        return RC_NOMEM;
    snprintf(path, sizeof path, "%s/runner-%u.claims", in->run, slot);
    if ((j->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
        goto fail;
    if (fcntl(j->fd, F_SETLK, &lock) != 0) {
        rc = RC_EXISTS;
        goto fail;
    }
    if (fstat(j->fd, &st) != 0 || !S_ISREG(st.st_mode))
        goto fail;
    if (st.st_size != (off_t)sizeof *j->page &&
        (ftruncate(j->fd, 0) != 0 || ftruncate(j->fd, (off_t)sizeof *j->page) != 0))
        goto fail;
    map = mmap(NULL, sizeof *j->page, PROT_READ | PROT_WRITE, MAP_SHARED, j->fd, 0);
    if (map == MAP_FAILED)
        goto fail;
    j->page = map;
    if (j->page->magic != JOURNAL_MAGIC || j->page->claim_size != sizeof(struct claim) ||
        j->page->count > CLAIMS_MAX) {
        memset(j->page, 0, sizeof *j->page);
        j->page->magic = JOURNAL_MAGIC;
        j->page->claim_size = sizeof(struct claim);
        j->page->at_hand = NOBODY;
        id_new(&j->page->worker);
    }
    *out = j;
    return RC_OK;
fail:
    if (j->fd >= 0)
        close(j->fd);
    free(j);
    return rc;
}

void
journal_close(struct journal *j)
{
    if (j == NULL)
        return;
    munmap(j->page, sizeof *j->page);
    close(j->fd);
    free(j);
}

enum rc
journal_recover(struct journal *j, struct db *work)
{
    struct page *p = j->page;
    uint32_t freed = 0;
    enum rc rc;

    if (j->recovered)
        return RC_OK;
    if (p->at_hand < p->count && !p->settled[p->at_hand]) {
        const struct claim *c = &p->claims[p->at_hand];

        p->deaths = p->deadly_step == c->step ? p->deaths + 1 : 1;
        p->deadly_step = c->step;
        p->at_hand = NOBODY;
        log_event(LOG_WARN, "runner.died.here", LOG_ID("file", c->file.b), LOG_INT("deaths", p->deaths));
    }
    for (uint32_t i = 0; i < p->count; i++) {
        const struct claim *c = &p->claims[i];
        bool blamed = c->step == p->deadly_step && p->deaths >= DEATHS_MAX;

        if (p->settled[i] || !blamed)
            continue;
        rc = store_release(work, c, REASON_CELL_DIED, 1);
        /* Lost: it was committed, or somebody has it already. */
        if (rc != RC_OK && rc != RC_LOST && rc != RC_NOT_FOUND)
            return rc;
        p->settled[i] = 1;
    }
    if ((rc = store_worker_back(work, &p->worker, &freed)) != RC_OK)
        return rc;
    if (freed > 0)
        log_event(LOG_INFO, "runner.gave.back", LOG_INT("steps", freed));
    p->count = 0;
    j->recovered = true;
    return RC_OK;
}

const struct id *
journal_worker(const struct journal *j)
{
    return &j->page->worker;
}

void
journal_claimed(struct journal *j, const struct claim *claims, uint32_t count)
{
    struct page *p = j->page;

    p->count = 0; /* while it is written, it says nothing */
    p->at_hand = NOBODY;
    memset(p->settled, 0, sizeof p->settled);
    memcpy(p->claims, claims, count * sizeof *claims);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    p->count = count;
}

void
journal_begin(struct journal *j, uint32_t i)
{
    j->page->at_hand = i;
}

void
journal_settled(struct journal *j, uint32_t i)
{
    j->page->settled[i] = 1;
}

void
journal_suspect(struct journal *j)
{
    j->page->at_hand = NOBODY;
    j->recovered = false;
}
