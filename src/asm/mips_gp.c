/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/mips_gp - does a file have more global pointers than one?
 *
 * A GOT has room for some sixteen thousand entries; the linker makes several where that is not enough,
 * and each function makes $gp from its own address for the one it uses:
 *
 *	lui gp, …; addiu gp, gp, …; addu gp, gp, t9
 *
 * Where many functions agree on another value than DT_PLTGOT tells, $gp is not the same throughout.
 */
#include "asm/work_in.h"

enum { LOOK = 16, KINDS = 8, ENOUGH = 16, HIGH = 1, LOW = 2, SELF = 4 };

/* What a function makes of $gp at its beginning; 0: nothing. */
static uint64_t pointer_of(const gh_work *w, const gh_region *r, uint64_t u)
{
	uint64_t gp = 0;
	unsigned seen = 0;
	for (uint64_t i = u; i < r->units && i < u + LOOK && seen != (HIGH | LOW | SELF); i++) {
		if (i > u && r->marks[i] & (GH_M_START | GH_M_ENDED))
			break;
		uint32_t v = gh_word(r->code.bytes.ptr + i * 4, w->image->mode);
		uint32_t sum = v & ~(uint32_t)0xc; /* addu, daddu */
		if (v >> 16 == 0x3c1c) {
			gp = (uint64_t)(gh_sign(v, 16) * 65536);
			seen = HIGH;
		} else if (v >> 16 == 0x279c || v >> 16 == 0x679c) {
			gp += (uint64_t)gh_sign(v, 16);
			seen |= LOW;
		} else if (sum == 0x0399e021 || sum == 0x033ce021) {
			gp += r->code.address + u * 4;
			seen |= SELF;
		}
	}
	if (seen != (HIGH | LOW | SELF))
		return 0;
	return w->abi->bytes == 4 ? (uint32_t)gp : gp;
}

bool gh_mips_has_many_gp(const gh_work *w)
{
	struct {
		uint64_t gp, n;
	} others[KINDS] = { { 0, 0 } };
	for (uint32_t i = 0; i < w->n_regions; i++) {
		const gh_region *r = &w->regions[i];
		for (uint64_t u = 0; u < r->units; u = gh_marked(r, u + 1, GH_M_START)) {
			uint64_t gp = pointer_of(w, r, u);
			for (unsigned j = 0; gp && gp != w->image->gp && j < KINDS; j++) {
				if (others[j].n && others[j].gp != gp)
					continue;
				others[j].gp = gp;
				if (++others[j].n == ENOUGH)
					return true;
				break;
			}
		}
	}
	return false;
}
