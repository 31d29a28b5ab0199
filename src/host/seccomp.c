/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of system calls a worker may make; every other one answers EPERM. Calls are looked up by
 * name, because not every machine has each of them (fstat64, mmap2, …).
 */
#include "host/cage_in.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/path_in.h"

/* clang-format off */
static const char *const plain[] = {
	/* the descriptors that were kept */
	"read", "pread64", "readv", "write", "pwrite64", "writev", "lseek", "_llseek", "close", "fstat", "fstat64",
	"poll", "ppoll",
	/* memory */
	"brk", "munmap", "mremap", "madvise",
	/* threads and signals of its own */
	"futex", "futex_time64", "set_robust_list", "rseq", "set_tid_address", "rt_sigaction", "rt_sigprocmask",
	"rt_sigreturn", "sigreturn", "sigaltstack", "exit", "exit_group", "sched_yield", "sched_getaffinity", "gettid",
	"getpid", "restart_syscall", "membarrier", "arch_prctl",
	/* time, chance, the machine */
	"clock_gettime", "clock_gettime64", "clock_getres", "clock_nanosleep", "clock_nanosleep_time64", "nanosleep",
	"gettimeofday", "time", "getrandom", "getrusage", "sysinfo", "uname", "getcpu",
#ifdef GH_SANITIZED
	"open", "openat", "readlink", "readlinkat", "getppid", "prctl", "sched_setaffinity", "process_vm_readv",
	"newfstatat", "stat", "access", "ioctl", "dup", "dup2", "pipe", "pipe2", "getuid", "geteuid",
#endif
};

/* With an output folder only; where they may reach is Landlock's and RESOLVE_BENEATH's to say. */
static const char *const output[] = {
	"openat2", "openat", "mkdirat", "symlinkat", "renameat2", "unlinkat", "fchmod", "utimensat", "utimensat_time64",
	"fsync", "ftruncate", "statx", "newfstatat", "fstatat64", "getdents64", "fstatfs", "fallocate",
};
/* clang-format on */

static int allow(scmp_filter_ctx filter, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int call = seccomp_syscall_resolve_name(names[i]);
		if (call == __NR_SCMP_ERROR)
			continue; /* this libseccomp never heard of it, so it stays forbidden */
		int bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
		/* EDOM: not on this machine; EEXIST: two names of one call */
		if (bad && bad != -EDOM && bad != -EEXIST)
			return bad;
	}
	return 0;
}

static int allow_if(scmp_filter_ctx filter, const char *name, unsigned n, const struct scmp_arg_cmp *args)
{
	int call = seccomp_syscall_resolve_name(name);
	if (call == __NR_SCMP_ERROR)
		return 0;
	int bad = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, n, args);
	return bad == -EDOM || bad == -EEXIST ? 0 : bad;
}

static struct scmp_arg_cmp masked(unsigned arg, scmp_datum_t mask, scmp_datum_t want)
{
	return (struct scmp_arg_cmp){ .arg = arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = want };
}

static struct scmp_arg_cmp equal(unsigned arg, scmp_datum_t want)
{
	return (struct scmp_arg_cmp){ .arg = arg, .op = SCMP_CMP_EQ, .datum_a = want };
}

/* The calls that are harmless only with certain arguments. */
static int allow_parts(scmp_filter_ctx filter)
{
	static const scmp_datum_t questions[] = { F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC };
	const struct scmp_arg_cmp no_exec = masked(2, PROT_EXEC, 0), thread = masked(0, CLONE_THREAD, CLONE_THREAD);
	const struct scmp_arg_cmp opened = masked(3, AT_EMPTY_PATH, AT_EMPTY_PATH);
	const struct scmp_arg_cmp me = equal(0, (scmp_datum_t)getpid()), reading[] = { equal(0, 0), equal(2, 0) };
	int bad = allow_if(filter, "mmap", 1, &no_exec);
	bad = bad ? bad : allow_if(filter, "mmap2", 1, &no_exec);
	bad = bad ? bad : allow_if(filter, "mprotect", 1, &no_exec);
	bad = bad ? bad : allow_if(filter, "clone", 1, &thread);
	bad = bad ? bad : allow_if(filter, "tgkill", 1, &me); /* abort() */
	bad = bad ? bad : allow_if(filter, "prlimit64", 2, reading);
	bad = bad ? bad : allow_if(filter, "newfstatat", 1, &opened); /* glibc's fstat */
	for (size_t i = 0; i < GH_COUNT(questions) && !bad; i++) {
		const struct scmp_arg_cmp question = equal(1, questions[i]);
		bad = allow_if(filter, "fcntl", 1, &question);
		bad = bad ? bad : allow_if(filter, "fcntl64", 1, &question);
	}
	/* its flags lie behind a pointer that no filter follows: glibc falls back to clone */
	int clone3 = seccomp_syscall_resolve_name("clone3");
	if (!bad && clone3 != __NR_SCMP_ERROR)
		bad = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), clone3, 0);
	return bad;
}

gh_code gh_cage_seccomp(gh_ctx *ctx, const gh_cage *cage, char text[GH_CAGE_TEXT], char lacks[GH_CAGE_TEXT])
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!filter)
		return gh_nomem(ctx);
	int bad = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	/* a binary tree instead of a list; older libraries do not know it */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	bad = bad ? bad : allow(filter, plain, GH_COUNT(plain));
	if (cage->output >= 0)
		bad = bad ? bad : allow(filter, output, GH_COUNT(output));
	bad = bad ? bad : allow_parts(filter);
	if (bad) {
		seccomp_release(filter);
		return gh_fail(ctx, GH_IO, 0, "the list of system calls cannot be made: %s", gh_errno_text(-bad));
	}
	bad = seccomp_load(filter);
	seccomp_release(filter);
	if (bad) /* a kernel without filters, or a machine whose calls libseccomp does not know */
		gh_cage_say(lacks, "; no seccomp: the kernel says %s", gh_errno_text(-bad));
	else
		gh_cage_say(text, ", seccomp");
	return GH_OK;
}
