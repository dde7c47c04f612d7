/*
 * keyd_lock.c - once its sockets are open, keyd needs files, memory and those sockets, and nothing else.
 *
 * A short list of what a taken-over keyd would want: to run a program, to open a connection, to look into
 * another process.  The kernel kills it for any of them.  Raw BPF, because keyd links libsodium and
 * nothing besides.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "keyd.h"

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#define OUR_ARCH 0
#endif

#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define FORBID(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), KILL

enum rc
keyd_lock(void)
{
    static struct sock_filter filter[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
        KILL,
        LOAD(nr),
#if defined(__x86_64__)
        /* The other numbering of the same machine would walk around the list. */
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
        KILL,
        FORBID(fork),
        FORBID(vfork),
#endif
        FORBID(clone),
        FORBID(clone3),
        FORBID(execve),
        FORBID(execveat),
        FORBID(socket),
        FORBID(connect),
        FORBID(ptrace),
        FORBID(process_vm_readv),
        FORBID(process_vm_writev),
        FORBID(pidfd_getfd),
        FORBID(memfd_create),
        FORBID(userfaultfd),
        FORBID(bpf),
        FORBID(io_uring_setup),
        FORBID(keyctl),
        FORBID(mount),
        FORBID(unshare),
        FORBID(setns),
        FORBID(linkat),
        FORBID(symlinkat),
        ALLOW,
    };
    const struct sock_fprog program = { (unsigned short)COUNT_OF(filter), filter };

    if (OUR_ARCH == 0)
        return RC_OK;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
        return RC_CONFIG;
    return RC_OK;
}
