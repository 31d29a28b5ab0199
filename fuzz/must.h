/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz/must - an opinion of a fuzz target: true, or the run ends with the line that was not. */
#ifndef GH_FUZZ_MUST_H
#define GH_FUZZ_MUST_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define must(condition)                                                                                               \
	do {                                                                                                          \
		if (!(condition)) {                                                                                   \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                     \
			abort();                                                                                      \
		}                                                                                                     \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
