/* SPDX-License-Identifier: Apache-2.0 */
#include "asm/image_in.h"
#include "bytes/cur.h"

const gh_span *gh_span_at(const gh_span *spans, uint32_t n, uint64_t address)
{
	uint32_t low = 0, high = n;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (spans[mid].address <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low && address - spans[low - 1].address < spans[low - 1].size ? &spans[low - 1] : NULL;
}

bool gh_image_is_address(const gh_image *image, uint64_t n)
{
	return image->fixed && n >= 0x1000 && gh_span_at(image->spans, image->n_spans, n);
}

static const gh_slot *slot_at(const gh_image *image, uint64_t address)
{
	uint32_t low = 0, high = image->n_slots;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (image->slots[mid].address < address)
			low = mid + 1;
		else
			high = mid;
	}
	return low < image->n_slots && image->slots[low].address == address ? &image->slots[low] : NULL;
}

gh_val gh_image_big(const gh_image *image, uint64_t n)
{
	gh_bigs *b = image->bigs;
	uint64_t hash = n * UINT64_C(0x9e3779b97f4a7c15) >> 52;
	for (; b && b->places[hash]; hash = (hash + 1) % GH_BIG_PLACES)
		if (b->numbers[b->places[hash] - 1] == n)
			return gh_val_of(V_BIG, b->places[hash] - 1u);
	if (!b || b->n == GH_BIGS)
		return 0;
	b->numbers[b->n] = n;
	b->places[hash] = (uint16_t)++b->n;
	return gh_val_of(V_BIG, b->n - 1);
}

/* What the file says there, read as a number of the CPU. */
static gh_val stored(const gh_image *image, const gh_span *s, uint64_t address, unsigned width)
{
	gh_cur c = gh_cur_over(gh_bytes_part(s->bytes, address - s->address, width), 0);
	uint64_t n = width <= 8 ? (image->big ? gh_uint_be(&c, width) : gh_uint_le(&c, width)) : 0;
	if (!gh_cur_ok(&c) || width > 8)
		return 0;
	if (width == image->abi->bytes && gh_image_is_address(image, n))
		return gh_image_address(image, n);
	if (s->write && !gh_span_at(image->code, image->n_code, address)) /* literals do not change */
		return 0;
	return gh_image_number(image, width == 4 ? (int32_t)n : (int64_t)n);
}

gh_val gh_image_load(const gh_image *image, uint64_t address, unsigned width)
{
	unsigned bytes = image->abi->bytes;
	if (address - image->got < image->got_end - image->got && address % bytes == 0 && width == bytes)
		return image->got_vals[(address - image->got) / bytes];
	const gh_span *s = gh_span_at(image->spans, image->n_spans, address);
	if (!s)
		return 0;
	const gh_slot *slot = width == bytes && image->n_slots ? slot_at(image, address) : NULL;
	return slot ? slot->val : stored(image, s, address, width);
}
