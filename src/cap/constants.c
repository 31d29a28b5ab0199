/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that rules may use for numbers, as the kernel's headers have them (include/uapi/asm-generic and
 * arch/mips/include/uapi/asm): those of MIPS differ.
 */
#include "cap/pack_in.h"

#define ALL UINT64_MAX
#define SAME(name, n)                                                                                                  \
	{                                                                                                              \
		name, n, n, ALL                                                                                        \
	}

static const gh_constant constants[] = {
	SAME("AF_UNIX", 1),
	SAME("AF_INET", 2),
	SAME("AF_INET6", 10),
	SAME("AF_KEY", 15),
	SAME("AF_NETLINK", 16),
	SAME("AF_PACKET", 17),
	SAME("AF_BLUETOOTH", 31),
	SAME("AF_ALG", 38),
	/* With SOCK_NONBLOCK and SOCK_CLOEXEC beside it, it is the same type. */
	{ "SOCK_STREAM", 1, 2, 0xf },
	{ "SOCK_DGRAM", 2, 1, 0xf },
	{ "SOCK_RAW", 3, 3, 0xf },
	{ "SOCK_SEQPACKET", 5, 5, 0xf },
	{ "SOCK_PACKET", 10, 10, 0xf },
	SAME("IPPROTO_IP", 0),
	SAME("IPPROTO_ICMP", 1),
	SAME("IPPROTO_TCP", 6),
	SAME("IPPROTO_UDP", 17),
	SAME("IPPROTO_ICMPV6", 58),
	SAME("IPPROTO_RAW", 255),
	{ "SOL_SOCKET", 1, 0xffff, ALL },
	{ "SO_REUSEADDR", 2, 4, ALL },
	{ "SO_BROADCAST", 6, 0x20, ALL },
	{ "SO_KEEPALIVE", 9, 8, ALL },
	SAME("SO_BINDTODEVICE", 25),
	SAME("SO_ATTACH_FILTER", 26),
	SAME("SO_MARK", 36),
	SAME("SO_ATTACH_BPF", 50),
	SAME("SOL_PACKET", 263),
	SAME("PACKET_ADD_MEMBERSHIP", 1),
	SAME("SO_ORIGINAL_DST", 80),
	SAME("IP_HDRINCL", 3),
	SAME("IP_TRANSPARENT", 19),
	SAME("ETH_P_ALL", 3),
	SAME("SIGHUP", 1),
	SAME("SIGKILL", 9),
	SAME("SIGTERM", 15),
	{ "SIGCHLD", 17, 18, ALL },
	SAME("PR_SET_NAME", 15),
	SAME("PR_SET_PDEATHSIG", 1),
	SAME("PTRACE_TRACEME", 0),
	SAME("PTRACE_POKETEXT", 4),
	SAME("PTRACE_POKEDATA", 5),
	SAME("PTRACE_ATTACH", 16),
	SAME("PTRACE_SEIZE", 0x4206),
	SAME("MS_RDONLY", 1),
	SAME("MS_REMOUNT", 32),
	SAME("MS_BIND", 4096),
	{ "O_RDONLY", 0, 0, 3 },
	{ "O_WRONLY", 1, 1, 3 },
	{ "O_RDWR", 2, 2, 3 },
	SAME("SIOCGIFFLAGS", 0x8913),
	SAME("SIOCSIFFLAGS", 0x8914),
	SAME("SIOCGIFHWADDR", 0x8927),
	SAME("SIOCSIFHWADDR", 0x8924),
	SAME("SIOCGIFINDEX", 0x8933),
	SAME("SIOCADDRT", 0x890b),
	/* _IOW('M', 2, struct erase_info_user) and _IOR('M', 1, struct mtd_info_user) */
	{ "MEMERASE", 0x40084d02, 0x80084d02, ALL },
	{ "MEMERASE64", 0x40104d14, 0x80104d14, ALL },
	{ "MEMGETINFO", 0x80204d01, 0x40204d01, ALL },
	{ "TIOCSCTTY", 0x540e, 0x5480, ALL },
	{ "TIOCSWINSZ", 0x5414, 0x80087467, ALL },
	{ "TUNSETIFF", 0x400454ca, 0x800454ca, ALL },
	{ "WDIOC_KEEPALIVE", 0x80045705, 0x40045705, ALL },
	{ "WDIOC_SETTIMEOUT", 0xc0045706, 0xc0045706, ALL },
};

const gh_constant *gh_constant_named(const char *name)
{
	for (size_t i = 0; i < GH_COUNT(constants); i++)
		if (strcmp(constants[i].name, name) == 0)
			return &constants[i];
	return NULL;
}

const char *const gh_characteristic_names[] = {
	[GH_CH_LOOP] = "loop",
	[GH_CH_TIGHT_LOOP] = "tight loop",
	[GH_CH_RECURSIVE] = "recursive call",
	[GH_CH_INDIRECT] = "indirect call",
	[GH_CH_NZXOR] = "nzxor",
	[GH_CH_STACK_STRING] = "stack string",
	[GH_CH_CALLS_FROM] = "calls from",
	[GH_CH_CALLS_TO] = "calls to",
	[GH_CH_SWITCH] = "switch",
	[GH_CH_TIGHT_XOR] = "tight xor loop",
};

int gh_characteristic_of(const char *name)
{
	for (size_t i = 0; i < GH_COUNT(gh_characteristic_names); i++)
		if (strcmp(name, gh_characteristic_names[i]) == 0)
			return (int)i;
	return -1;
}

static const char *const scope_names[] = {
	[GH_S_INSTRUCTION] = "instruction", [GH_S_CALL] = "call",       [GH_S_BLOCK] = "basic block",
	[GH_S_FUNCTION] = "function",       [GH_S_PROGRAM] = "program", [GH_S_FILE] = "file",
};

int gh_cap_scope_of(const char *name)
{
	for (size_t i = 0; i < GH_COUNT(scope_names); i++)
		if (strcmp(name, scope_names[i]) == 0)
			return (int)i;
	return -1;
}

const char *gh_cap_scope_name(unsigned scope)
{
	return scope < GH_COUNT(scope_names) ? scope_names[scope] : "unknown";
}
