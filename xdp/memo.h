/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a packet's judgement remembers of itself while it lasts: the time and
 * the sets that were looked up. Kept beside the key so that policies that ask
 * for neither do not clear it. Included by the packet path's headers.
 */
#ifndef XG_MEMO_H
#define XG_MEMO_H

#include "xdp/image.h"
#ifndef __bpf__
#include "xdp/host_state.h"
#endif

#ifdef __bpf__

/* This CPU's: a packet is judged on one CPU without a break. NULL: never. */
static __always_inline struct xg_memo *xg_memo(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&memo, &zero);
}

static __always_inline __u64 xg_clock(void)
{
	return bpf_ktime_get_boot_ns();
}

#else

/* The maps and the clock of the engine that the calling thread runs. */
extern _Thread_local const struct xg_host_state *xg_host_state;
extern _Thread_local struct xg_memo xg_host_memo;

static __always_inline struct xg_memo *xg_memo(void)
{
	return &xg_host_memo;
}

static __always_inline __u64 xg_clock(void)
{
	return xg_host_state->clock(xg_host_state->self);
}

#endif

/* Forgets the packet before. `now_ns`: the time to go by; 0: the clock's. */
static __always_inline void xg_memo_begin(__u64 now_ns)
{
	struct xg_memo *memo;

	if (!(xg_features & XG_HAS_MEMO))
		return;
	memo = xg_memo();
	if (!memo)
		return;
	memo->now_ns = now_ns;
	memo->known = 0;
	memo->found = 0;
}

/* The time of this packet, CLOCK_BOOTTIME in ns: one for all that ask. */
static __always_inline __u64 xg_now(struct xg_memo *memo)
{
	if (!memo->now_ns)
		memo->now_ns = xg_clock();
	return memo->now_ns;
}

/* The first `bits` (0..64) of a word, then zeros. */
static __always_inline __u64 xg_leading(__u64 word, __u32 bits)
{
	return bits ? word & ~0ull << ((64 - bits) & 63) : 0;
}

#endif
