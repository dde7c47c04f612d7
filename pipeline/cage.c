/*
 * cage.c - Landlock, limits, no new privileges and the system call filters.
 *
 * The lists of calls are what Leptonica, Tesseract, libarchive and libqpdf were seen to
 * need between the last model read and the exit (docs/CAGE.md has the method).  Every
 * other call kills; a few that libraries try and can do without are answered instead.
 */
#include "cage.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/cell.h"

/* Kernel interface of linux/landlock.h; spelled out because older headers lack the later fields. */
#define LANDLOCK_CREATE 444
#define LANDLOCK_ADD_RULE 445
#define LANDLOCK_RESTRICT 446
#define LANDLOCK_VERSION_FLAG 1u
#define LANDLOCK_PATH 1
#define FS_EXECUTE (1u << 0)
#define FS_READ_FILE (1u << 2)
#define FS_READ_DIR (1u << 3)

#define NOBODY 65534
#define STACK_BYTES (8u << 20)
#define FILTER_MAX 4096

struct landlock_set {
    uint64_t fs, net, scoped;
};

struct landlock_path {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

static struct {
    struct sock_fprog filter[2];
    int abi;
} cage;

/* A line of a filter: what becomes of a call. answer 0 allows it, another number is the errno given. */
struct line {
    int call;
    int answer;
};

#define ALLOW(name) { SCMP_SYS(name), 0 }
#define ANSWER(name, with) { SCMP_SYS(name), with }

static const struct line strict_lines[] = {
    ALLOW(read),
    ALLOW(write),
    ALLOW(close),
    ALLOW(lseek),
    ALLOW(fstat),
    ALLOW(brk),
    ALLOW(munmap),
    ALLOW(mremap),
    ALLOW(madvise),
    ALLOW(futex),
    ALLOW(clock_gettime),
    ALLOW(gettimeofday),
    ALLOW(getrandom),
    ALLOW(sched_yield),
    ALLOW(getpid),
    ALLOW(gettid),
    ALLOW(rt_sigreturn),
    ALLOW(rt_sigprocmask),
    ALLOW(restart_syscall),
    ALLOW(exit),
    ALLOW(exit_group),
    /* libraries ask and live with a no: message catalogues, time zones, terminals, sizes */
    ANSWER(openat, EACCES),
    ANSWER(open, EACCES),
    ANSWER(newfstatat, EACCES),
    ANSWER(stat, EACCES),
    ANSWER(lstat, EACCES),
    ANSWER(access, EACCES),
    ANSWER(readlink, EACCES),
    ANSWER(statx, EACCES),
    ANSWER(ioctl, EPERM),
    ANSWER(sysinfo, EPERM),
    ANSWER(sched_getaffinity, EPERM),
    ANSWER(uname, EPERM),
    ANSWER(fcntl, EPERM),
};

static const struct line paint_lines[] = {
    ALLOW(execve),
    ALLOW(arch_prctl),
    ALLOW(set_tid_address),
    ALLOW(set_robust_list),
    ALLOW(rseq),
    ALLOW(read),
    ALLOW(write),
    ALLOW(writev),
    ALLOW(pread64),
    ALLOW(lseek),
    ALLOW(close),
    ALLOW(openat),
    ALLOW(fstat),
    ALLOW(newfstatat),
    ALLOW(access),
    ALLOW(readlink),
    ALLOW(getdents64),
    ALLOW(statfs),
    ALLOW(fstatfs),
    ALLOW(fcntl),
    ALLOW(fadvise64),
    ALLOW(brk),
    ALLOW(mmap),
    ALLOW(mprotect),
    ALLOW(munmap),
    ALLOW(mremap),
    ALLOW(madvise),
    ALLOW(futex),
    ALLOW(clock_gettime),
    ALLOW(gettimeofday),
    ALLOW(getrandom),
    ALLOW(getpid),
    ALLOW(gettid),
    ALLOW(sched_getaffinity),
    ALLOW(rt_sigaction),
    ALLOW(rt_sigprocmask),
    ALLOW(rt_sigreturn),
    ALLOW(restart_syscall),
    ALLOW(exit),
    ALLOW(exit_group),
    ANSWER(ioctl, EPERM),
    ANSWER(sysinfo, EPERM),
    ANSWER(uname, EPERM),
    ANSWER(getcwd, EACCES),
    ANSWER(statx, ENOSYS),
    ANSWER(getuid, EPERM),
    ANSWER(geteuid, EPERM),
    ANSWER(getgid, EPERM),
    ANSWER(getegid, EPERM),
};

/* What pdftoppm may look at, and what it may run. */
static const struct {
    const char *path;
    uint64_t allowed;
} paint_paths[] = {
    { "/usr/share/fonts", FS_READ_FILE | FS_READ_DIR },
    { "/usr/local/share/fonts", FS_READ_FILE | FS_READ_DIR },
    { "/etc/fonts", FS_READ_FILE | FS_READ_DIR },
    { "/var/cache/fontconfig", FS_READ_FILE | FS_READ_DIR },
    { "/usr/share/fontconfig", FS_READ_FILE | FS_READ_DIR },
    { "/usr/share/poppler", FS_READ_FILE | FS_READ_DIR },
    { "/usr/share/color/icc", FS_READ_FILE | FS_READ_DIR },
    { "/etc/ld.so.cache", FS_READ_FILE },
    { "/usr/lib", FS_READ_FILE | FS_READ_DIR },
    /* the program's interpreter is executed with it; libraries are only mapped */
    { "/lib64/ld-linux-x86-64.so.2", FS_READ_FILE | FS_EXECUTE },
    { "/lib/ld-linux-aarch64.so.1", FS_READ_FILE | FS_EXECUTE },
    { "/usr/bin/pdftoppm", FS_READ_FILE | FS_EXECUTE },
};

static enum rc
export_filter(scmp_filter_ctx c, struct sock_fprog *out)
{
    struct sock_filter *code = NULL;
    int fd = memfd_create("filter", MFD_CLOEXEC);
    enum rc rc = RC_NOMEM;
    struct stat st;

    if (fd < 0 || seccomp_export_bpf(c, fd) != 0 || fstat(fd, &st) != 0)
        goto out;
    if (st.st_size <= 0 || (size_t)st.st_size > FILTER_MAX * sizeof *code ||
        (code = malloc((size_t)st.st_size)) == NULL)
        goto out;
    if (pread(fd, code, (size_t)st.st_size, 0) != st.st_size)
        goto out;
    out->len = (unsigned short)((size_t)st.st_size / sizeof *code);
    out->filter = code;
    code = NULL;
    rc = RC_OK;
out:
    free(code);
    if (fd >= 0)
        close(fd);
    return rc;
}

static enum rc
build_filter(enum cage_kind kind, const struct line *lines, size_t count, struct sock_fprog *out)
{
    scmp_filter_ctx c = seccomp_init(SCMP_ACT_KILL_PROCESS);
    enum rc rc = RC_NOMEM;
    int bad = 0;

    if (c == NULL)
        return RC_NOMEM;
    /* a call by another architecture's numbers (i386, x32) kills too */
    bad |= seccomp_attr_set(c, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    bad |= seccomp_attr_set(c, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (size_t i = 0; i < count; i++) {
        uint32_t act =
            lines[i].answer == 0 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO((uint16_t)lines[i].answer);

        bad |= seccomp_rule_add(c, act, lines[i].call, 0);
    }
    if (kind == CAGE_STRICT) {
        /* memory that can be run is never made again: what is loaded is all the code there is */
        const struct scmp_arg_cmp no_code = { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 };

        bad |= seccomp_rule_add_array(c, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &no_code);
        bad |= seccomp_rule_add_array(c, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &no_code);
    } else {
        /* limits may be read, not set; but for address space, which paint.c lowers just before it executes */
        const struct scmp_arg_cmp reads = { 2, SCMP_CMP_EQ, 0, 0 };
        const struct scmp_arg_cmp space = { 1, SCMP_CMP_EQ, RLIMIT_AS, 0 };

        bad |= seccomp_rule_add_array(c, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, &reads);
        bad |= seccomp_rule_add_array(c, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, &space);
    }
    if (bad == 0)
        rc = export_filter(c, out);
    seccomp_release(c);
    return rc;
}

enum rc
cage_prepare(struct err *err)
{
    long abi = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION_FLAG);

    cage.abi = abi > 0 ? (int)abi : 0;
    if (build_filter(CAGE_STRICT, strict_lines, COUNT_OF(strict_lines),
                     &cage.filter[CAGE_STRICT]) != RC_OK ||
        build_filter(CAGE_PAINT, paint_lines, COUNT_OF(paint_lines), &cage.filter[CAGE_PAINT]) !=
            RC_OK) {
        (void)err_set(err, RC_CONFIG, "the system call filters could not be built");
        err_cure(err, "a kernel with seccomp filters (CONFIG_SECCOMP_FILTER) is needed");
        return RC_CONFIG;
    }
    return RC_OK;
}

int
cage_landlock_abi(void)
{
    return cage.abi;
}

unsigned
cage_host(void)
{
    const int spaces = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
    unsigned lacks = cage.abi < 2 ? CELL_LACKS_LANDLOCK : 0;
    bool apart = false;

    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (geteuid() == 0) {
        apart = unshare(spaces) == 0;
        if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
            setresuid(NOBODY, NOBODY, NOBODY) != 0)
            lacks |= CELL_LACKS_USER;
    } else {
        lacks |= CELL_LACKS_USER;
    }
    /* an ordinary user may have a network namespace inside a user namespace of its own; no map is written:
     * inside it nobody is anybody */
    if (!apart && unshare(CLONE_NEWUSER | spaces) != 0)
        lacks |= CELL_LACKS_NAMESPACE;
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    return lacks;
}

size_t
cage_address_space(void)
{
    char text[64];
    ssize_t n;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return 0;
    n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return 0;
    text[n] = 0;
    return (size_t)strtoull(text, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

static bool
limit(int what, rlim_t soft, rlim_t hard)
{
    struct rlimit r = { soft, hard };

    return setrlimit(what, &r) == 0;
}

static enum rc
set_limits(const struct cage_limits *l)
{
    /* the soft CPU limit sends SIGXCPU, which names the cause; the hard one cannot be survived */
    if (!limit(RLIMIT_CPU, l->cpu_seconds, l->cpu_seconds + 1) ||
        !limit(RLIMIT_AS, l->address_space, l->address_space) ||
        !limit(RLIMIT_FSIZE, l->file_size, l->file_size) || !limit(RLIMIT_CORE, 0, 0) ||
        !limit(RLIMIT_NPROC, 0, 0) || !limit(RLIMIT_NOFILE, l->files, l->files) ||
        !limit(RLIMIT_STACK, STACK_BYTES, STACK_BYTES) || !limit(RLIMIT_MSGQUEUE, 0, 0) ||
        !limit(RLIMIT_MEMLOCK, 0, 0))
        return RC_DENIED;
    return RC_OK;
}

/* No rules at all, or for the painter the few that read fonts and run one program. */
static enum rc
landlock(enum cage_kind kind)
{
    const int abi = cage.abi;
    struct landlock_set set = { abi >= 5 ? 0xffff : abi >= 3 ? 0x7fff : abi >= 2 ? 0x3fff : 0x1fff,
                                abi >= 4 ? 3 : 0, abi >= 6 ? 3 : 0 };
    size_t size = abi >= 6 ? sizeof set : abi >= 4 ? 16 : 8;
    enum rc rc = RC_DENIED;
    int fd;

    if (abi == 0)
        return RC_OK; /* cage_host has said so; seccomp stands alone */
    if ((fd = (int)syscall(LANDLOCK_CREATE, &set, size, 0)) < 0)
        return RC_DENIED;
    for (size_t i = 0; kind == CAGE_PAINT && i < COUNT_OF(paint_paths); i++) {
        struct landlock_path rule = { paint_paths[i].allowed,
                                      open(paint_paths[i].path, O_PATH | O_CLOEXEC) };
        long bad;

        if (rule.fd < 0)
            continue; /* what is not there need not be readable */
        bad = syscall(LANDLOCK_ADD_RULE, fd, LANDLOCK_PATH, &rule, 0);
        close(rule.fd);
        if (bad != 0)
            goto out;
    }
    if (syscall(LANDLOCK_RESTRICT, fd, 0) == 0)
        rc = RC_OK;
out:
    close(fd);
    return rc;
}

enum rc
cage_enter(enum cage_kind kind, const struct cage_limits *limits, int last)
{
    enum rc rc;

    if (syscall(SYS_close_range, (unsigned)last + 1, ~0u, 0) != 0)
        return RC_DENIED;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return RC_DENIED;
    if ((rc = landlock(kind)) != RC_OK || (rc = set_limits(limits)) != RC_OK)
        return rc;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &cage.filter[kind]) != 0)
        return RC_DENIED;
    return RC_OK;
}
