#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes the names of Linux system calls, ABI by ABI, from the kernel's headers as Debian packages them:
#	apt-get download linux-libc-dev-mips-cross linux-libc-dev-armhf-cross linux-libc-dev-arm64-cross \
#		linux-libc-dev-powerpc-cross linux-libc-dev
#	for d in *.deb; do dpkg-deb -x $d headers; done
#	tools/syscalls.sh headers src/asm
set -eu
headers=$1/usr out=$2

# table NAME FIRST FOLDER DEFINES…: one array, names at their numbers less FIRST
table() {
	name=$1 first=$2 folder=$3
	shift 3
	printf '\nconst char *const gh_syscalls_%s[] = {\n' "$name"
	echo '#include <asm/unistd.h>' | cc -E -dM -undef -nostdinc -I "$headers/$folder" -I "$headers/include" "$@" - |
		awk -v first="$first" '
		$1 == "#define" { at = $2; $1 = $2 = ""; gsub(/[ ()]/, ""); value[at] = $0 }
		END {
			for (name in value) {
				if (name !~ /^__NR_/ || name ~ /^__NR_(Linux|N32_Linux|64_Linux|O32_Linux|SYSCALL|syscall_|arch_)/ || name ~ /_Linux_syscalls$/)
					continue
				v = value[name]
				for (hop = 0; hop < 4 && v in value; hop++)
					v = value[v]
				sum = 0
				n = split(v, part, "+")
				for (i = 1; i <= n; i++)
					sum += part[i] in value ? value[part[i]] : part[i]
				if (sum - first >= 0 && sum - first < 1000 && v ~ /[0-9]/)
					print sum - first, substr(name, 6)
			}
		}' | sort -n | awk '
		!($1 in seen) { seen[$1]; word = sprintf("[%d] = \"%s\",", $1, $2)
			if (length(line) + length(word) > 110) { print "\t" line; line = "" }
			line = line (line == "" ? "" : " ") word }
		END { print "\t" line }'
	printf '};\nconst unsigned gh_n_syscalls_%s = GH_COUNT(gh_syscalls_%s);\n' "$name" "$name"
}

head() {
	cat <<END
/* SPDX-License-Identifier: Apache-2.0 */
/* Names of system calls, written by tools/syscalls.sh from the headers of Linux 6.1. */
#include "asm/syscalls_in.h"

/* clang-format off */
END
}

{
	head
	table mips_o32 4000 mips-linux-gnu/include -D_MIPS_SIM=1 -D_MIPS_SIM_ABI32=1 -D_MIPS_SIM_NABI32=2 -D_MIPS_SIM_ABI64=3
	table mips_n32 6000 mips-linux-gnu/include -D_MIPS_SIM=2 -D_MIPS_SIM_ABI32=1 -D_MIPS_SIM_NABI32=2 -D_MIPS_SIM_ABI64=3
	table mips_n64 5000 mips-linux-gnu/include -D_MIPS_SIM=3 -D_MIPS_SIM_ABI32=1 -D_MIPS_SIM_NABI32=2 -D_MIPS_SIM_ABI64=3
} > "$out/syscalls_mips.c"
{
	head
	table arm 0 arm-linux-gnueabihf/include -D__ARM_EABI__
	table generic 0 aarch64-linux-gnu/include -D__LP64__ -D__BITS_PER_LONG=64
} > "$out/syscalls_arm.c"
{
	head
	table ppc 0 powerpc-linux-gnu/include
	table ppc64 0 powerpc-linux-gnu/include -D__powerpc64__
} > "$out/syscalls_ppc.c"
{
	head
	table i386 0 include/x86_64-linux-gnu -D__i386__
	table amd64 0 include/x86_64-linux-gnu -D__x86_64__ -D__LP64__
} > "$out/syscalls_x86.c"
