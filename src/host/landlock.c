/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock by raw system calls: Documentation/userspace-api/landlock.rst of the kernel. The headers of
 * Debian 12 stop at version 2, so the rights that came later are written out here with the version
 * that brought them; what the running kernel does not know is not asked for.
 */
#include "host/cage_in.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/path_in.h"

enum {
	FS_V1 = (1 << 13) - 1,  /* EXECUTE … MAKE_SYM */
	FS_REFER = 1 << 13,     /* version 2, Linux 5.19 */
	FS_TRUNCATE = 1 << 14,  /* version 3, Linux 6.2  */
	FS_IOCTL_DEV = 1 << 15, /* version 5, Linux 6.10 */
	NET_ALL = 3,            /* version 4, Linux 6.7: bind and connect TCP */
	SCOPE_ALL = 3,          /* version 6, Linux 6.12: abstract sockets and signals */
	OUTPUT = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR |
		 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
		 LANDLOCK_ACCESS_FS_MAKE_SYM | FS_REFER | FS_TRUNCATE,
};

/* struct landlock_ruleset_attr as of version 6. */
struct ruleset {
	uint64_t fs, net, scoped;
};

int gh_cage_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	return abi > 0 ? (int)abi : 0;
}

static size_t ruleset_for(int abi, struct ruleset *ret)
{
	*ret = (struct ruleset){ .fs = FS_V1 };
	if (abi >= 2)
		ret->fs |= FS_REFER;
	if (abi >= 3)
		ret->fs |= FS_TRUNCATE;
	if (abi >= 4)
		ret->net = NET_ALL;
	if (abi >= 5)
		ret->fs |= FS_IOCTL_DEV;
	if (abi >= 6)
		ret->scoped = SCOPE_ALL;
	return abi >= 6 ? sizeof *ret : abi >= 4 ? offsetof(struct ruleset, scoped) : offsetof(struct ruleset, net);
}

static int allow_output(int rules, int folder, uint64_t rights)
{
	struct landlock_path_beneath_attr beneath = { .allowed_access = rights, .parent_fd = folder };
	return (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
}

gh_code gh_cage_landlock(gh_ctx *ctx, const gh_cage *cage, char text[GH_CAGE_TEXT], char lacks[GH_CAGE_TEXT])
{
	struct ruleset rules;
	int abi = gh_cage_landlock_abi();
	if (abi == 0) {
		gh_cage_say(lacks, "; no landlock: the kernel says %s",
			    errno == EOPNOTSUPP ? "it is switched off" : gh_errno_text(errno));
		return GH_OK;
	}
	if (abi == 1 && cage->output >= 0) {
		/* it refuses every rename between folders, and the output ends with such ones */
		gh_cage_say(lacks,
			    "; no landlock: version 1 of this kernel lets no file be moved into the output folder");
		return GH_OK;
	}
	size_t size = ruleset_for(abi, &rules);
	int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	bool ok = fd >= 0 && (cage->output < 0 || allow_output(fd, cage->output, OUTPUT & rules.fs) == 0) &&
		  syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	int error = errno;
	if (fd >= 0)
		(void)close(fd);
	if (!ok)
		return gh_fail(ctx, GH_IO, 0, "landlock (ABI %d) refuses: %s", abi, gh_errno_text(error));
	gh_cage_say(text, ", landlock (ABI %d)", abi);
	return GH_OK;
}
