/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ban: the source of a packet enters a dynamic set. Included by effect.h.
 */
#ifndef XG_BAN_H
#define XG_BAN_H

#include "xdp/act.h"
#include "xdp/dynamic.h"

/* A ban that is this much of its length older is renewed: not every packet of
 * a flood writes. */
#define XG_BAN_SLACK(length) ((length) >> 4)

#ifdef __bpf__

/* Elements looked at for one that has expired, where a set is full. */
#define XG_RECLAIM_TRIES 8

/* Removes an element that has expired from the full map of a set. The queue
 * has the elements that packets have put there, the oldest first: those that
 * still live go to its end. */
static __always_inline int xg_reclaim(struct xg_memo *memo, void *map,
				      void *queue)
{
	__u32 i;

	for (i = 0; i < XG_RECLAIM_TRIES; i++) {
		const __u64 *expires;

		if (bpf_map_pop_elem(queue, &memo->prefix))
			return 0;
		expires = bpf_map_lookup_elem(map, &memo->prefix);
		if (!expires)
			continue;
		if (*expires != XG_NEVER && *expires <= xg_now(memo))
			return !bpf_map_delete_elem(map, &memo->prefix);
		bpf_map_push_elem(queue, &memo->prefix, BPF_EXIST);
	}
	return 0;
}

/* Sets the time of memo->host in set number `set` to memo->until_ns; negative
 * where it is full. */
static __always_inline int xg_set_store(struct xg_memo *memo, __u32 set,
					int is_new)
{
	void *map = bpf_map_lookup_elem(&sets, &set);
	void *queue = bpf_map_lookup_elem(&set_queues, &set);
	/* int: before Linux 6.4 the upper half of what the call returns is 0. */
	int error;

	if (!map || !queue)
		return 0; /* the tool tests the program: sets come later */
	error = bpf_map_update_elem(map, &memo->host, &memo->until_ns, BPF_ANY);
	if (error == -7 /* E2BIG */ && xg_reclaim(memo, map, queue))
		error = bpf_map_update_elem(map, &memo->host, &memo->until_ns,
					    BPF_ANY);
	if (!error && is_new)
		bpf_map_push_elem(queue, &memo->host, BPF_EXIST);
	return error;
}

#else

static __always_inline int xg_set_store(struct xg_memo *memo, __u32 set,
					int is_new)
{
	(void)is_new;
	return xg_host_state->store(xg_host_state->self, set, &memo->host,
				    memo->until_ns);
}

#endif

/* From here on the packet's own rules find its source in the set, too. */
static __always_inline void xg_note_ban(struct xg_memo *memo,
					const struct xg_key *key, __u32 set)
{
	__u32 bits = 1u << ((2 * set) & 31);

	if (set >= XG_MEMO_SETS)
		return;
	if (key->src_hi == key->dst_hi && key->src_lo == key->dst_lo)
		bits *= 3;
	memo->known |= bits;
	memo->found |= bits;
}

/* Puts the source of the packet into dynamic set number `set` for `length_ns`.
 * A later end, and none, stay as they are. */
static __always_inline void xg_ban(const struct xg_key *key,
				   struct xg_memo *memo, __u32 set,
				   __u64 length_ns, __u64 bytes)
{
	const struct xg_set banned = xg_set_open(set);
	const __u64 *expires;
	__u64 until = xg_now(memo) + length_ns, at = 0;

	if (key->kind == XG_KIND_OTHER)
		return;
	xg_note_host(memo, key, 0);
	expires = xg_set_find(&banned, &memo->host);
	if (expires) {
		at = *expires;
		if (at == XG_NEVER ||
		    at + XG_BAN_SLACK(length_ns) >= until) {
			xg_note_ban(memo, key, set);
			return;
		}
	}
	memo->until_ns = until;
	if (xg_set_store(memo, set, !expires))
		xg_count(XG_SLOT_BAN_FULL, bytes);
	else
		xg_note_ban(memo, key, set);
}

#endif
