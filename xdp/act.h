/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a packet leaves behind: its count. Included by the classifier (count
 * rules) and by the verdict; never looks at a packet.
 */
#ifndef XG_ACT_H
#define XG_ACT_H

#include "xdp/image.h"

#ifdef __bpf__

/* The counter of `slot` (XG_SLOT_...) on this CPU; NULL beyond the last. */
static __always_inline struct xg_counter *xg_counter_at(__u32 slot)
{
	__u32 number = slot / XG_CHUNK;
	struct xg_chunk *chunk = bpf_map_lookup_elem(&counters, &number);

	return chunk ? &chunk->slot[slot % XG_CHUNK] : 0;
}

#else

/* The counters of the engine that the calling thread runs. */
extern _Thread_local struct xg_counter *xg_host_counters;
extern _Thread_local __u32 xg_host_counter_count;

static __always_inline struct xg_counter *xg_counter_at(__u32 slot)
{
	return slot < xg_host_counter_count ? &xg_host_counters[slot] : 0;
}

#endif

/* Counts one packet. No atomics: a CPU has counters of its own, and one
 * packet at a time. */
static __always_inline void xg_count(__u32 slot, __u64 bytes)
{
	struct xg_counter *counter = xg_counter_at(slot);

	if (!counter)
		return;
	counter->packets++;
	counter->bytes += bytes;
}

#endif
