/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits: a token bucket a key, as the one time at which it will be full again
 * (generic cell rate algorithm, ITU-T I.371), changed by compare-and-swap. The
 * keys of a limit share a table of fixed size; docs/architecture.md, "Limits",
 * says what a flood of keys does. Included by effect.h.
 */
#ifndef XG_LIMIT_H
#define XG_LIMIT_H

#include "xdp/memo.h"

#define XG_LIMIT_TRIES 8 /* CPUs that meet at one word */
/* How far clocks of CPUs may differ, and what was written long ago is told
 * from what was written by another CPU: a second. */
#define XG_LIMIT_SKEW (1ull << 40)

#ifdef __bpf__

static __always_inline struct xg_limit_bucket *xg_limit_at(__u32 number)
{
	return bpf_map_lookup_elem(&limits, &number);
}

#else

static __always_inline struct xg_limit_bucket *xg_limit_at(__u32 number)
{
	return xg_host_state->bucket(xg_host_state->self, number);
}

#endif

/* What a bucket owes at `now`: how long until it is full, at most `depth` but
 * for the clocks of other CPUs. Times wrap; what is further off than any limit
 * allows was written before the last wrap, or never. */
static __always_inline __u64 xg_debt(__u64 full, __u64 now, __u64 depth)
{
	__u64 ahead = full - now;

	return ahead > depth + XG_LIMIT_SKEW ? 0 : ahead;
}

/* Takes `cost` from the bucket: 1, or 0 where it does not have as much. */
static __always_inline int xg_take(__u64 *full, __u64 now, __u64 cost,
				   __u64 depth)
{
	__u32 i;

	for (i = 0; i < XG_LIMIT_TRIES; i++) {
		__u64 seen = *(volatile __u64 *)full;
		__u64 owed = xg_debt(seen, now, depth) + cost;

		if (owed > depth)
			return 0;
		if (__sync_val_compare_and_swap(full, seen, now + owed) == seen)
			return 1;
	}
	return 0; /* never more than was granted */
}

static __always_inline __u64 xg_mix(__u64 hash, __u64 value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
	hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93ull;
	return hash ^ hash >> 32;
}

/* The first `bits` (0..128) of an address; a number that no other address has,
 * as long as nobody knows `seed`; never 0. */
static __always_inline __u64 xg_limit_tag(__u64 seed, __u64 hi, __u64 lo,
					  __u32 bits)
{
	__u32 high = bits < 64 ? bits : 64;

	hi = xg_leading(hi, high);
	lo = xg_leading(lo, (bits - high) & 127);
	return xg_mix(xg_mix(seed + bits, hi), lo) | 1;
}

/* The key of the packet under a limit. Packets without the address share one
 * key. */
static __always_inline __u64 xg_limit_key(const struct xg_key *key,
					  const struct xg_effect *effect,
					  __u64 seed)
{
	__u32 bits = key->kind == XG_KIND_IPV4 ? effect->limit_ipv4_bits :
						 effect->limit_ipv6_bits;

	if (effect->limit_per == XG_PER_RULE || key->kind == XG_KIND_OTHER)
		return 1;
	if (effect->limit_per == XG_PER_SRC)
		return xg_limit_tag(seed, key->src_hi, key->src_lo, bits);
	return xg_limit_tag(seed, key->dst_hi, key->dst_lo, bits);
}

/* The way that has `tag`; XG_LIMIT_WAYS where none has. */
static __always_inline __u32 xg_way_of(const struct xg_limit_bucket *bucket,
				       __u64 tag)
{
	__u32 i;

#pragma GCC unroll 4
	for (i = 0; i < XG_LIMIT_WAYS; i++)
		if (bucket->tag[i] == tag)
			return i;
	return XG_LIMIT_WAYS;
}

/* The way that owes least. */
static __always_inline __u32 xg_idlest(const struct xg_limit_bucket *bucket,
				       __u64 now, __u64 depth)
{
	__u64 least = ~0ull;
	__u32 i, idlest = 0;

#pragma GCC unroll 4
	for (i = 0; i < XG_LIMIT_WAYS; i++) {
		__u64 debt = xg_debt(bucket->full[i], now, depth);

		if (debt < least) {
			least = debt;
			idlest = i;
		}
	}
	return idlest;
}

/* The way for `tag`. A newcomer takes over the way that owes least, with what
 * it owes: so no key ever has more than its limit. Where other CPUs are faster
 * all the time it shares that way for one packet. */
static __always_inline __u32 xg_find_way(struct xg_limit_bucket *bucket,
					 __u64 tag, __u64 now, __u64 depth)
{
	__u32 i, way = 0;

	for (i = 0; i < XG_LIMIT_WAYS; i++) {
		__u64 old;

		way = xg_way_of(bucket, tag);
		if (way < XG_LIMIT_WAYS)
			return way;
		way = xg_idlest(bucket, now, depth) & (XG_LIMIT_WAYS - 1);
		old = bucket->tag[way];
		if (__sync_val_compare_and_swap(&bucket->tag[way], old, tag) ==
		    old)
			return way;
	}
	return way;
}

/* Whether the packet of `key`, `bytes` long, is within the limit of an effect;
 * it is charged where it is. */
static __always_inline int xg_is_within(const struct xg_key *key,
					const struct xg_effect *effect,
					struct xg_memo *memo, __u64 bytes)
{
	struct xg_limit_bucket *seed = xg_limit_at(0), *bucket;
	__u64 now = xg_now(memo) * XG_LIMIT_UNITS;
	__u64 tag, cost = effect->limit_cost;
	__u32 way;

	if (!seed)
		return 1;
	tag = xg_limit_key(key, effect, seed->tag[0]);
	bucket = xg_limit_at(effect->limit_first +
			     ((__u32)(tag >> 32) & effect->limit_mask));
	if (!bucket)
		return 1;
	if (effect->limit_bytes)
		cost *= bytes;
	way = xg_find_way(bucket, tag, now, effect->limit_depth);
	return xg_take(&bucket->full[way & (XG_LIMIT_WAYS - 1)], now, cost,
		       effect->limit_depth);
}

#endif
