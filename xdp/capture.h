/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets for `xdpgate capture`. While nobody reads, a packet pays one load.
 * Included by the classifier (count rules) and by filter.bpf.c; the native
 * engine logs nothing.
 */
#ifndef XG_CAPTURE_H
#define XG_CAPTURE_H

#include "xdp/act.h"
#include "xdp/frame.h"
#include "xdp/rule.h"

#ifdef __bpf__

#include "xdp/pace.h"

/* Whether somebody reads. */
static __always_inline int xg_watched(void)
{
	return xg_capture.active;
}

/* Whether the reader was killed: then nobody reads any more, unless another one
 * has begun meanwhile. */
static __always_inline int xg_reader_is_gone(__u64 now)
{
	__u32 reader = xg_capture.active; /* before its lease */

	if (now <= xg_capture.until_ns)
		return 0;
	__sync_val_compare_and_swap(&xg_capture.active, reader, 0);
	return 1;
}

/* Whether the reader has asked for packets of this rule and verdict. */
static __always_inline int xg_is_chosen(const struct xg_header *h, __u32 rule,
					__u32 verdict)
{
	__u32 i, count = xg_capture.rule_count;

	if (!(xg_capture.verdicts >> (verdict & 31) & 1))
		return 0;
	if (!count || xg_capture.generation != h->generation)
		return 1;
	for (i = 0; i < XG_CAPTURE_RULES && i < count; i++)
		if (xg_capture.rules[i] == rule)
			return 1;
	return 0;
}

/* Of how many packets one is asked for; 0: none. */
static __always_inline __u32 xg_every(const struct xg_header *h, __u32 rule,
				      __u32 verdict)
{
	const struct xg_effect *effect;

	if (xg_capture.chosen)
		return xg_is_chosen(h, rule, verdict) ? xg_capture.every : 0;
	if (!(xg_features & XG_HAS_EFFECTS) || rule == XG_NO_RULE)
		return 0;
	effect = xg_rule_effect(h, xg_rule_word(h, rule));
	return effect ? effect->log_every : 0;
}

/* What the packet was counted under last. */
static __always_inline __u32 xg_slot_of(const struct xg_key *key, __u32 rule)
{
	__u32 class = key->word[XG_W_CLASS];

	if (rule != XG_NO_RULE)
		return XG_SLOT_RULE + rule;
	return class == XG_CLASS_OK ? XG_SLOT_DEFAULT : XG_SLOT_CLASS + class;
}

/* Whether it is this packet's turn: the first, and each `every`th behind it,
 * of what this CPU has counted. */
static __always_inline int xg_is_due(const struct xg_key *key, __u32 rule,
				     __u32 every)
{
	struct xg_counter *counter = xg_counter_at(xg_slot_of(key, rule));

	return every && counter && (counter->packets - 1) % every == 0;
}

/* The frame's head to the ring; 0, or -1 where there is no room. */
static __always_inline long xg_send(xg_ctx *ctx, struct xg_room *room)
{
	__u32 zero = 0, wanted = room->event.length;
	void *ring = bpf_map_lookup_elem(&rings, &zero);

	if (wanted > xg_capture.snap)
		wanted = xg_capture.snap;
	/* As in xg_frame_copy(): 1..XG_SNAP_MAX in words that the verifier
	 * of 6.1 understands. */
	wanted = (xg_opaque(wanted - 1) & (XG_SNAP_MAX - 1)) + 1;
	if (!ring || bpf_xdp_load_bytes(ctx, 0, room->head, wanted))
		return -1;
	room->event.captured = wanted;
	return bpf_ringbuf_output(ring, room, sizeof(room->event) + wanted, 0);
}

static __always_inline void xg_fill_event(struct xg_event *event,
					  const struct xg_key *key,
					  __u64 generation, __u32 length)
{
	event->time_ns = bpf_ktime_get_ns();
	event->generation = generation;
	event->class_ = key->word[XG_W_CLASS];
	event->ifindex = key->word[XG_W_IFINDEX];
	event->length = length;
}

/* Reports the packet of `key`, which was counted a moment ago, where the
 * reader wants it: `rule` has decided `verdict`, or counted it (XG_COUNT).
 * Always 0, since a global function has to return something. */
__noinline int xg_report(xg_ctx *ctx, const struct xg_key *key, __u32 rule,
			 __u32 verdict)
{
	const struct xg_header *h = xg_image();
	__u32 zero = 0, length = xg_frame_length(ctx);
	__u64 now = bpf_ktime_get_ns();
	struct xg_room *room;

	if (!h || !key || !h->generation || xg_reader_is_gone(now))
		return 0;
	if (!xg_is_due(key, rule, xg_every(h, rule, verdict)))
		return 0;
	if (!xg_pace(&xg_capture.due_ns, now, xg_capture.interval_ns,
		     xg_capture.slack_ns)) {
		xg_count(XG_SLOT_CAPPED, length);
		return 0;
	}
	room = bpf_map_lookup_elem(&rooms, &zero);
	if (!room)
		return 0;
	xg_fill_event(&room->event, key, h->generation, length);
	room->event.rule = rule;
	room->event.verdict = verdict;
	xg_count(xg_send(ctx, room) ? XG_SLOT_LOST : XG_SLOT_LOGGED, length);
	return 0;
}

#else

static __always_inline int xg_watched(void)
{
	return 0;
}

static __always_inline int xg_report(xg_ctx *ctx, const struct xg_key *key,
				     __u32 rule, __u32 verdict)
{
	(void)ctx;
	(void)key;
	(void)rule;
	(void)verdict;
	return 0;
}

#endif

#endif
