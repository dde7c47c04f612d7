/*
 * paint.c - one page of a PDF drawn by pdftoppm, in the second cage.
 *
 * The original is copied into a memfd of this child's own (a descriptor that came over a
 * socket shares its offset with everybody who holds it) and given as standard input; the
 * raster leaves through a memfd as standard output.  Size and page come from the recipe,
 * which is checked behind the door as well.
 */
#include "cell_call.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cage.h"
#include "doc/raster.h"
#include "doc/recipe.h"

#define PAINTER "/usr/bin/pdftoppm"
#define RASTER_EXTRA 64 /* the P5 header */
#define OPEN_FILES 64

static int
copy_of(const struct call *call, const struct call_input *in)
{
    const bool part = in->source == CALL_BUNDLE;
    int fd = call->fd[in->source], copy = memfd_create("page", MFD_CLOEXEC);
    off_t at = part ? (off_t)in->offset : 0, end;
    struct stat st;

    if (copy < 0 || fstat(fd, &st) != 0)
        return -1;
    end = part ? (off_t)(in->offset + in->size) : st.st_size;
    while (at < end) {
        ssize_t n = sendfile(copy, fd, &at, (size_t)(end - at));

        if (n <= 0)
            return -1;
    }
    return lseek(copy, 0, SEEK_SET) == 0 ? copy : -1;
}

static const struct call_input *
find_input(const struct call *call, enum artifact_kind kind)
{
    for (uint32_t i = 0; i < call->input_count; i++)
        if (call->inputs[i].kind == kind)
            return &call->inputs[i];
    return NULL;
}

/* The recipe's row, read behind the door. */
static const struct recipe_page *
page_of(const struct call *call, const struct call_input *in, struct bytes whole,
        struct arena *arena)
{
    struct recipe *recipe = NULL;

    if (in->offset > whole.size || in->size > whole.size - in->offset)
        return NULL;
    if (recipe_read(bytes_of(whole.data + in->offset, (size_t)in->size), arena, &recipe) != RC_OK)
        return NULL;
    if (call->page >= recipe->count || recipe->pages[call->page].way != WAY_RENDER)
        return NULL;
    return &recipe->pages[call->page];
}

static NO_RETURN void
become_painter(const struct recipe_page *page, size_t address_space)
{
    /* until now the limit had room for the host's models, which end with this image */
    const struct rlimit most = { address_space, address_space };
    char number[16], width[16], height[16];
    char *argv[] = { "pdftoppm",    "-f",  number,        "-l",   number, "-cropbox", "-gray",
                     "-scale-to-x", width, "-scale-to-y", height, "-q",   "-",        NULL };
    char *envp[] = { "PATH=/usr/bin",
                     "HOME=/nonexistent",
                     "XDG_CACHE_HOME=/nonexistent",
                     "LC_ALL=C",
                     "TZ=UTC",
                     NULL };

    snprintf(number, sizeof number, "%u", page->index + 1);
    /* pdftoppm scales first and turns by /Rotate then */
    snprintf(width, sizeof width, "%u", page->object != 0 ? page->height : page->width);
    snprintf(height, sizeof height, "%u", page->object != 0 ? page->width : page->height);
    if (setrlimit(RLIMIT_AS, &most) != 0)
        _exit(CELL_STATUS_CAGE);
    execve(PAINTER, argv, envp);
    _exit(CELL_STATUS_CAGE);
}

void
paint_child(const struct call *call)
{
    struct cage_limits limits = { .cpu_seconds = call_seconds(call),
                                  .address_space =
                                      cage_address_space() + ((size_t)call_mebibytes(call) << 20),
                                  .file_size = PIXELS_MAX + RASTER_EXTRA,
                                  .files = OPEN_FILES };
    const struct call_input *original = find_input(call, ARTIFACT_ORIGINAL);
    const struct call_input *recipe = find_input(call, ARTIFACT_RECIPE);
    struct arena *arena = arena_new(8u << 20);
    const struct recipe_page *page;
    struct bytes bundle = { NULL, 0 };
    int source;

    if (original == NULL || recipe == NULL || arena == NULL || recipe->source != CALL_BUNDLE)
        _exit(CELL_STATUS_CAGE);
    source = copy_of(call, original);
    if (source < 0 || dup2(source, STDIN_FILENO) < 0 ||
        dup2(call->fd[CALL_OUTPUT], STDOUT_FILENO) < 0 ||
        ipc_map(call->fd[CALL_BUNDLE], SIZE_MAX, &bundle) != RC_OK)
        _exit(CELL_STATUS_CAGE);
    if (cage_enter(CAGE_PAINT, &limits, STDERR_FILENO) != RC_OK)
        _exit(CELL_STATUS_CAGE);
    if ((page = page_of(call, recipe, bundle, arena)) == NULL)
        _exit(1);
    become_painter(page, (size_t)call_mebibytes(call) << 20);
}
