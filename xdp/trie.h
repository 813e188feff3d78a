/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looks an address up in a trie of the image: abi.h, enum xg_trie_kind. IPv4
 * and IPv6 share it; an address is 128 bits, consumed from the left.
 */
#ifndef XG_TRIE_H
#define XG_TRIE_H

#include "xdp/image.h"

/* The bits to look at next: the top of hi. */
struct xg_bits {
	__u64 hi, lo;
};

/* Consumes `count` bits, 1..64. Two shifts, since one by 64 is none. */
static __always_inline void xg_consume(struct xg_bits *bits, __u32 count)
{
	bits->hi = (bits->hi << (count - 1)) << 1 |
		   (bits->lo >> (64 - count));
	bits->lo = (bits->lo << (count - 1)) << 1;
}

/* The entry behind a BRANCH entry; 0, class 0, on a bad image. */
static __always_inline __u32 xg_trie_branch(const void *image, __u64 tries,
					    __u32 entry, struct xg_bits *bits)
{
	__u32 count = (entry >> XG_TRIE_BITS_SHIFT & 15) + 1;
	__u64 index = (entry & XG_TRIE_ARG_MASK) + (bits->hi >> (64 - count));
	const __u32 *next = xg_at(image, tries + 4 * index);

	xg_consume(bits, count);
	return next ? *next : 0;
}

/* The entry behind a SKIP entry. */
static __always_inline __u32 xg_trie_skip(const void *image, __u64 tries,
					  __u32 entry, struct xg_bits *bits)
{
	const struct xg_skip *skip;
	__u64 value;
	__u32 count;

	skip = xg_at(image, tries + 4ull * (entry & XG_TRIE_ARG_MASK));
	if (!skip)
		return 0;
	count = skip->bits & 127;
	value = (__u64)skip->value_hi << 32 | skip->value_lo;
	if (count < 1 || count > 64 || bits->hi >> (64 - count) != value)
		return skip->fail;
	xg_consume(bits, count);
	return skip->next;
}

/* The number of the address class of the address hi:lo, in the trie whose root
 * is `entry`; `tries` is the offset of the tries' section. */
static __noinline __u32 xg_trie_find(const void *image, __u64 tries,
				     __u32 entry, __u64 hi, __u64 lo)
{
	struct xg_bits bits = {.hi = hi, .lo = lo};
	__u32 i;

	for (i = 0; i < XG_TRIE_MAX_STEPS; i++) {
		__u32 kind = entry >> XG_TRIE_KIND_SHIFT;

		if (kind == XG_TRIE_LEAF)
			return entry & XG_TRIE_LEAF_MASK;
		if (kind == XG_TRIE_BRANCH)
			entry = xg_trie_branch(image, tries, entry, &bits);
		else
			entry = xg_trie_skip(image, tries, entry, &bits);
	}
	return 0;
}

#endif
