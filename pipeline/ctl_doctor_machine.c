/*
 * ctl_doctor_machine.c - does this machine hold what the cages and the keys rely on?
 *
 * Each check tries the thing itself where it can; a version number is only asked for where
 * trying is not possible.
 */
#include "ctl_doctor.h"

#include <errno.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534
#define MEMLOCK_LEAST (1u << 20)
#define MEMORY_LEAST_KIB (1024 * 1024)

static void
check_landlock(struct doctor *d)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    /* ABI 3 adds truncate, which seccomp denies anyway: 2 is enough. */
    doctor_say(d, abi >= 2, abi < 1 ? WEIGHT_STRICT : WEIGHT_PRODUCTION, "landlock",
               "boot a kernel of 5.19 or newer with lsm=landlock,...; in a container allow the landlock_* calls",
               "Landlock ABI %ld%s", abi < 0 ? 0 : abi, abi >= 2 ? "" : " (2 or more is needed to cage a reader)");
}

static void
check_seccomp(struct doctor *d)
{
    unsigned action = SECCOMP_RET_KILL_PROCESS;
    bool well = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;

    doctor_say(d, well, WEIGHT_STRICT, "seccomp", "boot a kernel with CONFIG_SECCOMP_FILTER",
               well ? "seccomp can kill a process" : "seccomp cannot kill a process: readers cannot be caged");
}

/* Tried in a child that first becomes nobody, as our own programs are nobody special. */
static void
check_namespaces(struct doctor *d)
{
    pid_t pid = fork();
    int status = 1;

    if (pid == 0) {
        if (getuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
            _exit(2);
        _exit(unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) == 0 ? 0 : 1);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    bool well = pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    doctor_say(
        d, well, WEIGHT_PRODUCTION, "namespaces",
        "sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000; in a container allow "
        "unshare",
        well
            ? "a program can make a network namespace of its own"
            : "a program cannot make a network namespace of its own; seccomp alone keeps a cage off the network");
}

static void
check_memory_lock(struct doctor *d)
{
    struct rlimit limit = { 0, 0 };
    void *page = mmap(NULL, MEMLOCK_LEAST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool well = page != MAP_FAILED && mlock(page, MEMLOCK_LEAST) == 0;

    getrlimit(RLIMIT_MEMLOCK, &limit);
    if (page != MAP_FAILED)
        munmap(page, MEMLOCK_LEAST);
    if (well && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < MEMLOCK_LEAST)
        well = false; /* only root may: our programs are not root */
    doctor_say(d, well, WEIGHT_STRICT, "memory lock",
               "ulimit -l 8192, or LimitMEMLOCK=8M in the unit, or ulimits: memlock in a container",
               well ? "keys can be locked in memory" : "keys cannot be locked in memory (limit %llu KiB)",
               (unsigned long long)limit.rlim_cur / 1024);
}

static void
check_core_dumps(struct doctor *d)
{
    struct rlimit limit = { 0, 0 };

    getrlimit(RLIMIT_CORE, &limit);
    doctor_say(d, limit.rlim_cur == 0, WEIGHT_PRODUCTION, "core dumps", "ulimit -c 0, or LimitCORE=0 in the unit",
               limit.rlim_cur == 0 ? "core dumps are off" : "core dumps are on: a page or a key could reach a disk");
}

/* Is the block device behind /dev/dm-N a LUKS or plain dm-crypt mapping? */
static bool
is_encrypted(const char *device)
{
    char path[PATH_ROOM], real[PATH_ROOM], uuid[64] = "";
    const char *name = realpath(device, real) != NULL ? strrchr(real, '/') : NULL;
    FILE *file;

    if (name == NULL)
        return false;
    if (strncmp(name, "/zram", 5) == 0) /* in memory */
        return true;
    snprintf(path, sizeof path, "/sys/class/block%s/dm/uuid", name);
    if ((file = fopen(path, "re")) != NULL) {
        if (fgets(uuid, sizeof uuid, file) == NULL)
            uuid[0] = '\0';
        fclose(file);
    }
    return strncmp(uuid, "CRYPT-", 6) == 0;
}

static void
check_swap(struct doctor *d)
{
    FILE *file = fopen("/proc/swaps", "re");
    char line[1024];
    int bad = 0;

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, " \t\n")] = '\0';
        if (line[0] != '/' || is_encrypted(line))
            continue;
        bad++;
        doctor_say(d, false, WEIGHT_PRODUCTION, "swap", "swapoff -a, or swap on zram or on an encrypted volume",
                   "%s is swap that is not encrypted: a page could reach a disk in clear", line);
    }
    if (file != NULL)
        fclose(file);
    if (bad == 0)
        doctor_say(d, true, WEIGHT_PRODUCTION, "swap", "", "no swap, or only encrypted");
}

static void
check_clock(struct doctor *d)
{
    struct timex t = { 0 };
    int state = adjtimex(&t);
    bool well = state >= 0 && (t.status & STA_UNSYNC) == 0;

    doctor_say(d, well, WEIGHT_ADVICE, "clock", "apt-get install systemd-timesyncd, or chrony",
               well ? "the clock is set by the network" : "the kernel says that nothing sets the clock");
}

static void
check_memory(struct doctor *d)
{
    FILE *file = fopen("/proc/meminfo", "re");
    char line[256];
    long kib = -1;

    while (file != NULL && kib < 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "MemAvailable:", 13) == 0)
            kib = strtol(line + 13, NULL, 10);
    if (file != NULL)
        fclose(file);
    doctor_say(d, kib < 0 || kib >= MEMORY_LEAST_KIB, WEIGHT_ADVICE, "memory",
               "fewer workers: escriba up --workers 1", "%ld MiB of memory are free; a worker needs up to 400",
               kib / 1024);
}

static void
check_users(struct doctor *d)
{
    if (getuid() != 0)
        return;
    bool well = getpwnam("escriba") != NULL;
    doctor_say(d, well, WEIGHT_PRODUCTION, "users", "systemd-sysusers, or `escriba up`, which makes the user",
               well ? "the system user escriba is there"
                    : "the system user escriba is missing: nothing that reads strangers' bytes may run as root");
}

void
doctor_machine(struct doctor *d)
{
    check_landlock(d);
    check_seccomp(d);
    check_namespaces(d);
    check_memory_lock(d);
    check_core_dumps(d);
    check_swap(d);
    check_users(d);
    check_clock(d);
    check_memory(d);
}
