/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dynamic sets: whether an address is in one now. A host is one lookup; each
 * length of prefix that the set has is one more. Included by the classifier.
 */
#ifndef XG_DYNAMIC_H
#define XG_DYNAMIC_H

#include "xdp/memo.h"
#include "xdp/loop.h"

/* A set as one packet finds it: host and prefixes are looked up in the same
 * content, though the tool may put another one in its place meanwhile. */
struct xg_set {
	void *map;	/* BPF only; NULL: the set is not there yet */
	__u32 number;
};

#ifdef __bpf__

static __always_inline struct xg_set xg_set_open(__u32 number)
{
	return (struct xg_set){bpf_map_lookup_elem(&sets, &number), number};
}

/* When `element` expires; NULL: it is not there. */
static __always_inline const __u64 *xg_set_find(const struct xg_set *set,
						const struct xg_element *element)
{
	return set->map ? bpf_map_lookup_elem(set->map, element) : 0;
}

static __always_inline const struct xg_set_lengths *xg_set_lengths(__u32 set)
{
	return bpf_map_lookup_elem(&set_lengths, &set);
}

#else

static __always_inline struct xg_set xg_set_open(__u32 number)
{
	return (struct xg_set){0, number};
}

static __always_inline const __u64 *xg_set_find(const struct xg_set *set,
						const struct xg_element *element)
{
	return xg_host_state->find(xg_host_state->self, set->number, element);
}

static __always_inline const struct xg_set_lengths *xg_set_lengths(__u32 set)
{
	return xg_host_state->lengths(xg_host_state->self, set);
}

#endif

/* Notes the address of one side (0: source, 1: destination) as a host. */
static __always_inline void xg_note_host(struct xg_memo *memo,
					 const struct xg_key *key, __u32 side)
{
	memo->host.hi = side ? key->dst_hi : key->src_hi;
	memo->host.lo = side ? key->dst_lo : key->src_lo;
	memo->host.kind = key->kind;
	memo->host.length = key->kind == XG_KIND_IPV4 ? 32 : 128;
}

/* Whether the set has the element, and it has not expired. */
static __always_inline __u32 xg_set_has(struct xg_memo *memo,
					const struct xg_set *set,
					const struct xg_element *element)
{
	const __u64 *expires = xg_set_find(set, element);
	__u64 at;

	if (!expires)
		return 0;
	at = *expires;
	return at == XG_NEVER || at > xg_now(memo);
}

/* Number of the lowest bit of `word` that is set; it is not 0. */
static __always_inline __u32 xg_lowest_bit(__u64 word)
{
	__u32 number = 0, half;

#pragma GCC unroll 6
	for (half = 32; half; half >>= 1) {
		if (word & ((1ull << half) - 1))
			continue;
		word >>= half;
		number += half;
	}
	return number;
}

/* Tries the shortest prefix of memo->lengths in the struct xg_set `data`. */
static long xg_prefix_step(__u32 index, void *data)
{
	struct xg_memo *memo = xg_memo();
	__u32 length;

	(void)index;
	if (!memo || !memo->lengths)
		return 1;
	length = memo->first + xg_lowest_bit(memo->lengths);
	memo->lengths &= memo->lengths - 1;
	memo->prefix = memo->host;
	memo->prefix.length = length;
	if (length < 64) {
		memo->prefix.hi = xg_leading(memo->host.hi, length);
		memo->prefix.lo = 0;
	} else {
		memo->prefix.lo = xg_leading(memo->host.lo, length - 64);
	}
	memo->is_found = xg_set_has(memo, data, &memo->prefix);
	return memo->is_found;
}

/* Tries the prefixes of memo->host whose lengths, less `first`, are bits of
 * `lengths`. */
static __always_inline void xg_try_prefixes(struct xg_memo *memo,
					    struct xg_set *set, __u64 lengths,
					    __u32 first)
{
	if (!lengths || memo->is_found)
		return;
	memo->lengths = lengths;
	memo->first = first;
	xg_loop(64, xg_prefix_step, set);
}

static __always_inline void xg_find_prefix(struct xg_memo *memo,
					   struct xg_set *set)
{
	const struct xg_set_lengths *lengths = xg_set_lengths(set->number);

	if (!lengths)
		return;
	if (memo->host.kind == XG_KIND_IPV4) {
		xg_try_prefixes(memo, set, lengths->ipv4, 0);
	} else {
		xg_try_prefixes(memo, set, lengths->ipv6[0], 0);
		xg_try_prefixes(memo, set, lengths->ipv6[1], 64);
	}
}

/* Whether dynamic set number `set` holds the address of a side now. A function
 * of its own, which the verifier walks once. */
__noinline int xg_dynamic_holds(const struct xg_key *key, __u32 set, __u32 side)
{
	struct xg_memo *memo = xg_memo();
	struct xg_set opened;
	__u32 bit = 0;

	if (!key || !memo)
		return 0;
	if (set < XG_MEMO_SETS)
		bit = 1u << ((2 * set + (side & 1)) & 31);
	if (memo->known & bit)
		return !!(memo->found & bit);
	xg_note_host(memo, key, side);
	opened = xg_set_open(set);
	memo->is_found = xg_set_has(memo, &opened, &memo->host);
	if (!memo->is_found)
		xg_find_prefix(memo, &opened);
	memo->known |= bit;
	if (memo->is_found)
		memo->found |= bit;
	return !!memo->is_found;
}

#endif
