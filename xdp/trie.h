/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looks an address up in a trie of the image: abi.h, "Address tries". Codes
 * and sets, IPv4 and IPv6 share it; an address is 128 bits, consumed from the
 * left.
 */
#ifndef XG_TRIE_H
#define XG_TRIE_H

#include "xdp/image.h"

/* The bits to look at next: the top of hi. */
struct xg_bits {
	__u64 hi, lo;
};

/* What the steps of a walk share. */
struct xg_trie {
	const void *image;
	__u64 tries, forks;	/* offsets of the sections */
	struct xg_bits bits;
};

/* Consumes `count` bits, 1..64. Two shifts, since one by 64 is none. */
static __always_inline void xg_consume(struct xg_bits *bits, __u32 count)
{
	bits->hi = (bits->hi << (count - 1)) << 1 |
		   (bits->lo >> (64 - count));
	bits->lo = (bits->lo << (count - 1)) << 1;
}

/* A LEAF with the value 0: what a walk over a bad image ends with. */
#define XG_TRIE_NONE XG_TRIE_LEAF

static __always_inline __u32 xg_trie_entry(const struct xg_trie *trie,
					   __u64 index)
{
	const __u32 *entry = xg_at(trie->image, trie->tries + 4 * index);

	return entry ? *entry : XG_TRIE_NONE;
}

static __always_inline __u32 xg_fork_entry(const struct xg_trie *trie,
					   __u64 number, int same)
{
	const struct xg_fork *fork;

	fork = xg_at(trie->image, trie->forks + number * sizeof(*fork));
	if (!fork)
		return XG_TRIE_NONE;
	return same ? fork->same : fork->differs;
}

static __always_inline __u32 xg_trie_branch(struct xg_trie *trie, __u32 entry)
{
	__u32 count = (entry >> XG_TRIE_BITS_SHIFT & 15) + 1;
	__u64 index = (entry & XG_TRIE_ARG_MASK) +
		      (trie->bits.hi >> (64 - count));

	xg_consume(&trie->bits, count);
	return xg_trie_entry(trie, index);
}

/* Ones of a word. */
static __always_inline __u32 xg_ones(__u64 word)
{
	word -= word >> 1 & 0x5555555555555555ull;
	word = (word & 0x3333333333333333ull) +
	       (word >> 2 & 0x3333333333333333ull);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return word * 0x0101010101010101ull >> 56;
}

static __always_inline __u32 xg_trie_sparse(struct xg_trie *trie, __u32 entry)
{
	__u64 at = entry & XG_TRIE_ARG_MASK;
	__u32 child = trie->bits.hi >> (64 - XG_SPARSE_BITS);
	const struct xg_sparse *sparse;
	__u64 bit = 1ull << (child & 63), word;

	sparse = xg_at(trie->image, trie->tries + 4 * at);
	if (!sparse)
		return XG_TRIE_NONE;
	xg_consume(&trie->bits, XG_SPARSE_BITS);
	word = sparse->present[child >> 6];
	if (!(word & bit))
		return sparse->other;
	return xg_trie_entry(trie, at + sizeof(*sparse) / 4 +
				   sparse->before[child >> 6] +
				   xg_ones(word & (bit - 1)));
}

/* 0 where the next `count` bits, 1..128, are those at the top of `value`. */
static __always_inline __u64 xg_bits_differ(const struct xg_bits *bits,
					    const __u32 *value, __u32 count)
{
	__u64 hi = ((__u64)value[0] << 32 | value[1]) ^ bits->hi;
	__u64 lo = ((__u64)value[2] << 32 | value[3]) ^ bits->lo;

	if (count <= 64)
		return hi >> (64 - count);
	return hi | lo >> (128 - count);
}

static __always_inline __u32 xg_trie_skip(struct xg_trie *trie, __u32 entry)
{
	const struct xg_skip *skip;
	__u32 count, same;

	skip = xg_at(trie->image,
		     trie->tries + 4ull * (entry & XG_TRIE_ARG_MASK));
	if (!skip)
		return XG_TRIE_NONE;
	count = (skip->head >> XG_SKIP_BITS_SHIFT) + 1;
	same = !xg_bits_differ(&trie->bits, skip->value, count);
	if (count > 64) {
		trie->bits.hi = trie->bits.lo << ((count - 64) & 63);
		trie->bits.lo = 0;
	} else {
		xg_consume(&trie->bits, count);
	}
	return xg_fork_entry(trie, skip->head & XG_SKIP_FORK_MASK, same);
}

/* The value of a LEAF or FORK entry. */
static __always_inline __u32 xg_trie_value(const struct xg_trie *trie,
					   __u32 entry)
{
	__u32 count, differ;

	if (!(entry & XG_TRIE_FORK))
		return entry & XG_TRIE_VALUE_MASK;
	count = (entry >> XG_FORK_BITS_SHIFT & 15) + 1;
	differ = (__u32)(trie->bits.hi >> (64 - count)) ^
		 (entry >> XG_FORK_VALUE_SHIFT & 0xffff);
	entry = xg_fork_entry(trie, entry & (XG_FORK_MAX - 1), !differ);
	return entry & XG_TRIE_VALUE_MASK;
}

/* The code of the whole address hi:lo by a RAW entry. */
static __always_inline __u32 xg_trie_raw(const struct xg_trie *trie,
					 __u32 entry, __u64 hi, __u64 lo)
{
	const struct xg_raw *raw;
	__u32 shift;

	raw = xg_at(trie->image,
		    trie->tries + 4ull * (entry & XG_TRIE_ARG_MASK));
	if (!raw)
		return 0;
	shift = raw->depth & 63;
	if (raw->depth & 64) {
		hi = lo;
		lo = 0;
	}
	hi = hi << shift | (lo >> 1) >> (63 - shift);
	return raw->base + (__u32)((hi >> 1) >> (63 - (raw->width & 63)));
}

/* Walks up to `most` entries of the trie at `entry` for the address hi:lo.
 * True: `*value` is what the trie says, a code or the number of a row. */
static __always_inline int xg_trie_walk(const struct xg_header *h, __u64 hi,
					__u64 lo, __u32 entry, __u32 most,
					__u32 *value)
{
	struct xg_trie trie = {.image = h, .tries = h->tries_off,
			       .forks = h->forks_off, .bits = {hi, lo}};
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < most; i++) {
		if (entry & XG_TRIE_LEAF) {
			*value = xg_trie_value(&trie, entry);
			return 1;
		}
		switch (entry >> XG_TRIE_KIND_SHIFT) {
		case XG_TRIE_BRANCH:
			entry = xg_trie_branch(&trie, entry);
			break;
		case XG_TRIE_SPARSE:
			entry = xg_trie_sparse(&trie, entry);
			break;
		case XG_TRIE_SKIP:
			entry = xg_trie_skip(&trie, entry);
			break;
		default:
			*value = xg_trie_raw(&trie, entry, hi, lo);
			return 1;
		}
	}
	return 0;
}

/* What the trie at `entry` says of the address hi:lo; 0 on a bad image. */
__noinline __u32 xg_trie_find(__u64 hi, __u64 lo, __u32 entry)
{
	const void *image = xg_image();
	__u32 value = 0;

	if (!image)
		return 0;
	xg_trie_walk(image, hi, lo, entry, XG_TRIE_MAX_STEPS, &value);
	return value;
}

/* As xg_trie_find(), in line as far as most addresses need: see
 * xg_search_near(). */
#define XG_NEAR_ENTRIES 4

static __always_inline __u32 xg_trie_find_near(const struct xg_header *h,
					       __u64 hi, __u64 lo, __u32 entry)
{
	__u32 value;

	if (xg_trie_walk(h, hi, lo, entry, XG_NEAR_ENTRIES, &value))
		return value;
	return xg_trie_find(hi, lo, entry);
}

#endif
