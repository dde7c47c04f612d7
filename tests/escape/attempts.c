/* attempts.c - ways out: files, network, processes, memory, kernel interfaces, resources. */
#include "attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif

static pid_t parent;
static int left_open = -1;
static char victim[64];

void
escape_prepare(void)
{
    static const char template[] = "/tmp/escape.XXXXXX";

    parent = getppid();
    memcpy(victim, template, sizeof template);
    left_open = mkstemp(victim);
    if (left_open >= 0)
        left_open = fcntl(left_open, F_DUPFD, 50);
    unlink(victim);
}

/* A call by number that gives what is negative on failure. */
static bool
call(long number, long a, long b, long c, long d)
{
    return syscall(number, a, b, c, d, 0L, 0L) >= 0;
}

#define S(text) ((long)(uintptr_t)(text))
#define BY_NUMBER(function, number, a, b, c, d)                                                    \
    static bool function(void)                                                                     \
    {                                                                                              \
        return call(number, (long)(a), (long)(b), (long)(c), (long)(d));                           \
    }

/* ---- files ----------------------------------------------------------------------- */

BY_NUMBER(open_passwd, SYS_openat, AT_FDCWD, S("/etc/passwd"), O_RDONLY, 0)
BY_NUMBER(open_old, SYS_open, S("/etc/passwd"), O_RDONLY, 0, 0)
BY_NUMBER(open_environ, SYS_openat, AT_FDCWD, S("/proc/self/environ"), O_RDONLY, 0)
BY_NUMBER(open_own_memory, SYS_openat, AT_FDCWD, S("/proc/self/mem"), O_RDWR, 0)
BY_NUMBER(open_devices, SYS_openat, AT_FDCWD, S("/dev/tty"), O_RDWR | O_NOCTTY, 0)
BY_NUMBER(open_program, SYS_openat, AT_FDCWD, S("/bin/sh"), O_PATH, 0)
BY_NUMBER(create_file, SYS_openat, AT_FDCWD, S("/tmp/escape.made"), O_CREAT | O_WRONLY, 0600)
BY_NUMBER(create_nameless, SYS_openat, AT_FDCWD, S("/tmp"), O_TMPFILE | O_RDWR, 0600)
BY_NUMBER(make_folder, SYS_mkdir, S("/tmp/escape.dir"), 0700, 0, 0)
BY_NUMBER(make_link, SYS_symlink, S("/etc/shadow"), S("/tmp/escape.link"), 0, 0)
BY_NUMBER(make_pipe_file, SYS_mknod, S("/tmp/escape.fifo"), S_IFIFO | 0600, 0, 0)
BY_NUMBER(remove_file, SYS_unlink, S("/tmp/escape.made"), 0, 0, 0)
BY_NUMBER(remove_at, SYS_unlinkat, AT_FDCWD, S("/tmp/escape.link"), 0, 0)
BY_NUMBER(rename_file, SYS_rename, S("/tmp/escape.fifo"), S("/tmp/escape.fifo2"), 0, 0)
BY_NUMBER(cut_file, SYS_truncate, S("/tmp/escape.fifo2"), 0, 0, 0)
BY_NUMBER(change_mode, SYS_chmod, S("/tmp/escape.dir"), 0777, 0, 0)
BY_NUMBER(change_folder, SYS_chdir, S("/"), 0, 0, 0)
BY_NUMBER(change_root, SYS_chroot, S("/tmp"), 0, 0, 0)
BY_NUMBER(mount_something, SYS_mount, S("none"), S("/tmp"), S("tmpfs"), 0)
BY_NUMBER(watch_files, SYS_inotify_init1, 0, 0, 0, 0)
BY_NUMBER(watch_all, SYS_fanotify_init, 0, 0, 0, 0)
BY_NUMBER(name_a_handle, SYS_name_to_handle_at, AT_FDCWD, S("/"), 0, 0)
BY_NUMBER(use_left_open, SYS_write, 50, S("x"), 1, 0)
BY_NUMBER(copy_left_open, SYS_dup, 50, 0, 0, 0)

static bool
open_two(void)
{
    struct { uint64_t flags, mode, resolve; } how = { O_RDONLY, 0, 0 };

    return call(SYS_openat2, AT_FDCWD, S("/etc/passwd"), S(&how), sizeof how);
}

static bool
list_root(void)
{
    char entries[1024];
    int fd = (int)syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY);

    return fd >= 0 && syscall(SYS_getdents64, fd, entries, sizeof entries) > 0;
}

static bool
look_at_shadow(void)
{
    struct stat st;

    return syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &st, 0) == 0 &&
           syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY) >= 0;
}

/* ---- network --------------------------------------------------------------------- */

BY_NUMBER(socket_tcp, SYS_socket, AF_INET, SOCK_STREAM, 0, 0)
BY_NUMBER(socket_udp, SYS_socket, AF_INET, SOCK_DGRAM, 0, 0)
BY_NUMBER(socket_tcp6, SYS_socket, AF_INET6, SOCK_STREAM, 0, 0)
BY_NUMBER(socket_unix, SYS_socket, AF_UNIX, SOCK_STREAM, 0, 0)
BY_NUMBER(socket_netlink, SYS_socket, AF_NETLINK, SOCK_RAW, 0, 0)
BY_NUMBER(socket_raw, SYS_socket, AF_INET, SOCK_RAW, 1, 0)
BY_NUMBER(socket_packet, SYS_socket, AF_PACKET, SOCK_RAW, 0, 0)
BY_NUMBER(socket_vsock, SYS_socket, 40, SOCK_STREAM, 0, 0)
BY_NUMBER(socket_alg, SYS_socket, AF_ALG, SOCK_SEQPACKET, 0, 0)

static bool
socket_pair(void)
{
    int fd[2];

    return syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, fd) == 0;
}

/* Give a descriptor away over the one that is left: it is a pipe, or it was closed. */
static bool
pass_descriptor(void)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control = { .space = { 0 } };
    char byte = 0;
    struct iovec iov = { &byte, 1 };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space,
                        .msg_controllen = sizeof control.space };

    return syscall(SYS_sendmsg, 3, &m, 0) >= 0;
}

/* ---- processes ------------------------------------------------------------------- */

static bool
new_process(void)
{
    long pid = syscall(SYS_fork);

    if (pid == 0)
        _exit(0);
    return pid > 0;
}

static bool
new_clone(void)
{
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

    if (pid == 0)
        _exit(0);
    return pid > 0;
}

static bool
new_clone3(void)
{
    uint64_t args[11] = { 0 };
    long pid;

    args[4] = SIGCHLD;
    pid = syscall(SYS_clone3, args, sizeof args);
    if (pid == 0)
        _exit(0);
    return pid > 0;
}

/* Becoming another program shows by its own word on descriptor 3. */
static bool
execute(const char *path)
{
    char *argv[] = { (char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
                     (char *)(uintptr_t) "printf E >&3", NULL };
    char *envp[] = { NULL };

    syscall(SYS_execve, path, argv, envp);
    return false;
}

static bool
execute_shell(void)
{
    return execute("/bin/sh");
}

static bool
execute_loader(void)
{
    char *argv[] = { (char *)(uintptr_t)"ld", (char *)(uintptr_t)"/bin/sh", (char *)(uintptr_t)"-c",
                     (char *)(uintptr_t)"printf E >&3", NULL };
    char *envp[] = { NULL };

    syscall(SYS_execve, "/lib64/ld-linux-x86-64.so.2", argv, envp);
    return false;
}

static bool
execute_memory(void)
{
    char *argv[] = { (char *)(uintptr_t)"x", NULL }, *envp[] = { NULL };
    static const char script[] = "#!/bin/sh\nprintf E >&3\n";
    int fd = (int)syscall(SYS_memfd_create, "x", 0);

    if (fd < 0 || write(fd, script, sizeof script - 1) < 0)
        return false;
    syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
    return false;
}

BY_NUMBER(signal_parent, SYS_kill, parent, 0, 0, 0)
BY_NUMBER(signal_thread, SYS_tgkill, parent, parent, 0, 0)
BY_NUMBER(signal_queue, SYS_rt_sigqueueinfo, parent, 0, S(victim), 0)
BY_NUMBER(trace_me, SYS_ptrace, 0, 0, 0, 0)
BY_NUMBER(seize_parent, SYS_ptrace, 0x4206, parent, 0, 0)
BY_NUMBER(pidfd_parent, SYS_pidfd_open, parent, 0, 0, 0)
BY_NUMBER(other_group, SYS_setpgid, 0, 0, 0, 0)
BY_NUMBER(other_session, SYS_setsid, 0, 0, 0, 0)
BY_NUMBER(other_user, SYS_setuid, 65534, 0, 0, 0)
BY_NUMBER(dumpable_again, SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0)
BY_NUMBER(no_death_signal, SYS_prctl, PR_SET_PDEATHSIG, 0, 0, 0)
BY_NUMBER(other_personality, SYS_personality, 0x0400000, 0, 0, 0)
BY_NUMBER(new_spaces, SYS_unshare, CLONE_NEWUSER, 0, 0, 0)
BY_NUMBER(other_processor, SYS_sched_setscheduler, 0, 0, S(victim), 0)
BY_NUMBER(other_priority, SYS_setpriority, 0, 0, 1, 0)
BY_NUMBER(another_filter, SYS_seccomp, 2, 0, 0, 0)
BY_NUMBER(another_ruleset, SYS_landlock_create_ruleset, 0, 0, 1, 0)

static bool
read_parent(void)
{
    char byte;
    struct iovec to = { &byte, 1 }, from = { (void *)(uintptr_t)&escapes, 1 };

    return syscall(SYS_process_vm_readv, parent, &to, 1, &from, 1, 0) == 1;
}

static bool
write_parent(void)
{
    char byte = 0;
    struct iovec from = { &byte, 1 }, to = { &victim, 1 };

    return syscall(SYS_process_vm_writev, parent, &from, 1, &to, 1, 0) == 1;
}

static bool
limits_of_parent(void)
{
    struct rlimit r;

    return syscall(SYS_prlimit64, parent, RLIMIT_CPU, NULL, &r) == 0 &&
           syscall(SYS_getpgid, parent) >= 0;
}

static bool
raise_limits(void)
{
    struct rlimit r = { RLIM_INFINITY, RLIM_INFINITY };

    return syscall(SYS_prlimit64, 0, RLIMIT_CPU, &r, NULL) == 0;
}

/* ---- memory ---------------------------------------------------------------------- */

static bool
map_with(int protection)
{
    return (void *)syscall(SYS_mmap, 0, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
           MAP_FAILED;
}

static bool
map_write_execute(void)
{
    return map_with(PROT_READ | PROT_WRITE | PROT_EXEC);
}

static bool
map_execute(void)
{
    return map_with(PROT_READ | PROT_EXEC);
}

static bool
protect_execute(void)
{
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return at != MAP_FAILED && syscall(SYS_mprotect, at, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool
protect_key_execute(void)
{
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return at != MAP_FAILED && syscall(SYS_pkey_mprotect, at, 4096, PROT_READ | PROT_EXEC, -1) == 0;
}

BY_NUMBER(fault_handler, SYS_userfaultfd, 1, 0, 0, 0)
BY_NUMBER(memory_file, SYS_memfd_create, S("x"), 0, 0, 0)
BY_NUMBER(secret_file, SYS_memfd_secret, 0, 0, 0, 0)
BY_NUMBER(lock_memory, SYS_mlock, S(victim), sizeof victim, 0, 0)
BY_NUMBER(shared_memory, SYS_shmget, 0, 4096, 01600, 0)
BY_NUMBER(semaphores, SYS_semget, 0, 1, 01600, 0)
BY_NUMBER(message_queue, SYS_msgget, 0, 01600, 0, 0)
BY_NUMBER(message_file, SYS_mq_open, S("escape"), O_CREAT | O_RDWR, 0600, 0)
BY_NUMBER(local_descriptors, SYS_modify_ldt, 0, S(victim), 16, 0)

/* ---- kernel interfaces ----------------------------------------------------------- */

static bool
uring(void)
{
    char params[256] = { 0 };

    return syscall(SYS_io_uring_setup, 4, params) >= 0;
}

static bool
old_aio(void)
{
    unsigned long context = 0;

    return syscall(SYS_io_setup, 4, &context) == 0;
}

static bool
performance(void)
{
    char attributes[128] = { 0 };

    attributes[4] = 64;
    return syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0) >= 0;
}

static bool
timer(void)
{
    int id;

    return syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id) == 0;
}

BY_NUMBER(bpf_program, SYS_bpf, 0, S(victim), 32, 0)
BY_NUMBER(key_ring, SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1, 0)
BY_NUMBER(add_a_key, SYS_add_key, S("user"), S("x"), S("y"), 1)
BY_NUMBER(epoll, SYS_epoll_create1, 0, 0, 0, 0)
BY_NUMBER(event, SYS_eventfd2, 0, 0, 0, 0)
BY_NUMBER(timer_file, SYS_timerfd_create, CLOCK_MONOTONIC, 0, 0, 0)
BY_NUMBER(kernel_log, SYS_syslog, 10, 0, 0, 0)
BY_NUMBER(kernel_module, SYS_init_module, S(victim), 0, S(""), 0)
BY_NUMBER(set_clock, SYS_clock_settime, CLOCK_REALTIME, S(victim), 0, 0)
BY_NUMBER(host_name, SYS_sethostname, S("x"), 1, 0, 0)
BY_NUMBER(terminal_input, SYS_ioctl, 3, TIOCSTI, S("x"), 0)
BY_NUMBER(alarm_clock, SYS_alarm, 1000, 0, 0, 0)
BY_NUMBER(move_pages_of, SYS_move_pages, parent, 0, 0, 0)
BY_NUMBER(compare_with, SYS_kcmp, parent, parent, 2, 0)

#if defined(__x86_64__)
BY_NUMBER(x32_numbers, 0x40000000 + 39, 0, 0, 0, 0)
BY_NUMBER(io_ports, SYS_iopl, 0, 0, 0, 0)

/* getpid by the 32-bit gate: its numbers are another list */
static bool
old_gate(void)
{
    long answer;

    __asm__ volatile("int $0x80" : "=a"(answer) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
    return answer > 0;
}
#endif

/* ---- resources ------------------------------------------------------------------- */

static bool
burn_forever(void)
{
    struct timespec t;

    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    while (t.tv_sec < 4);
    return true;
}

static bool
take_much_memory(void)
{
    return mmap(NULL, 2ul << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
           MAP_FAILED;
}

static bool
write_much(void)
{
    int fd = (int)syscall(SYS_memfd_create, "x", 0);

    return fd >= 0 && syscall(SYS_ftruncate, fd, 1ul << 33) == 0;
}

#define ROW(name, function) { name, function, false, false }
#define PAINTER_MAY(name, function) { name, function, true, false }
#define HARMS(name, function) { name, function, false, true }

const struct escape escapes[] = {
    ROW("read /etc/passwd", open_passwd),
    ROW("read it by the old call", open_old),
    ROW("read it by openat2", open_two),
    ROW("read the environment", open_environ),
    ROW("open own memory", open_own_memory),
    ROW("open the terminal", open_devices),
    PAINTER_MAY("point at a program", open_program),
    ROW("make a file", create_file),
    ROW("make a nameless file", create_nameless),
    ROW("make a folder", make_folder),
    ROW("make a link", make_link),
    ROW("make a named pipe", make_pipe_file),
    ROW("rename a file", rename_file),
    ROW("cut a file", cut_file),
    ROW("change a mode", change_mode),
    ROW("remove a file", remove_file),
    ROW("remove by folder", remove_at),
    ROW("change folder", change_folder),
    ROW("change root", change_root),
    HARMS("mount", mount_something),
    ROW("watch files", watch_files),
    ROW("watch all files", watch_all),
    ROW("name a file handle", name_a_handle),
    ROW("list the root", list_root),
    ROW("look at a file and open it", look_at_shadow),
    ROW("write to a descriptor left open", use_left_open),
    ROW("copy a descriptor left open", copy_left_open),
    ROW("TCP socket", socket_tcp),
    ROW("UDP socket", socket_udp),
    ROW("TCP socket, version 6", socket_tcp6),
    ROW("unix socket", socket_unix),
    ROW("netlink socket", socket_netlink),
    ROW("raw socket", socket_raw),
    ROW("packet socket", socket_packet),
    ROW("socket to the hypervisor", socket_vsock),
    ROW("crypto socket", socket_alg),
    ROW("socket pair", socket_pair),
    ROW("pass a descriptor", pass_descriptor),
    ROW("fork", new_process),
    ROW("clone", new_clone),
    ROW("clone3", new_clone3),
    ROW("execute a shell", execute_shell),
    ROW("execute through the loader", execute_loader),
    ROW("execute from memory", execute_memory),
    ROW("signal the parent", signal_parent),
    ROW("signal a thread", signal_thread),
    ROW("queue a signal", signal_queue),
    ROW("be traced", trace_me),
    ROW("seize the parent", seize_parent),
    ROW("descriptor of the parent", pidfd_parent),
    ROW("read the parent's memory", read_parent),
    ROW("write the parent's memory", write_parent),
    ROW("limits of the parent", limits_of_parent),
    ROW("raise the limits", raise_limits),
    ROW("another process group", other_group),
    ROW("another session", other_session),
    ROW("another user", other_user),
    ROW("be dumpable again", dumpable_again),
    ROW("outlive the parent", no_death_signal),
    ROW("another personality", other_personality),
    ROW("new namespaces", new_spaces),
    ROW("another scheduler", other_processor),
    ROW("another priority", other_priority),
    ROW("another filter", another_filter),
    ROW("another ruleset", another_ruleset),
    PAINTER_MAY("map memory to write and run", map_write_execute),
    PAINTER_MAY("map memory to run", map_execute),
    PAINTER_MAY("make memory runnable", protect_execute),
    ROW("make memory runnable by key", protect_key_execute),
    ROW("handle page faults", fault_handler),
    ROW("memory file", memory_file),
    ROW("secret memory file", secret_file),
    ROW("lock memory", lock_memory),
    ROW("shared memory", shared_memory),
    ROW("semaphores", semaphores),
    ROW("message queue", message_queue),
    ROW("message file", message_file),
    ROW("segment descriptors", local_descriptors),
    ROW("io_uring", uring),
    ROW("aio", old_aio),
    ROW("performance events", performance),
    ROW("timer", timer),
    ROW("bpf", bpf_program),
    ROW("key ring", key_ring),
    ROW("add a key", add_a_key),
    ROW("epoll", epoll),
    ROW("event descriptor", event),
    ROW("timer descriptor", timer_file),
    ROW("kernel log", kernel_log),
    HARMS("kernel module", kernel_module),
    HARMS("set the clock", set_clock),
    HARMS("host name", host_name),
    ROW("type into the terminal", terminal_input),
    ROW("alarm", alarm_clock),
    ROW("move pages", move_pages_of),
    ROW("compare processes", compare_with),
#if defined(__x86_64__)
    ROW("x32 call numbers", x32_numbers),
    ROW("the 32-bit gate", old_gate),
    ROW("input and output ports", io_ports),
#endif
    HARMS("burn the processor", burn_forever),
    ROW("take 2 GiB", take_much_memory),
    ROW("fill a memory file", write_much),
    { 0 },
};
