/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which rule decides about the key that the reader made. One source for BPF and
 * for the host; no rule count, no tree depth and no list length of a policy
 * changes what the verifier sees.
 *
 * xg_search(), xg_tests_hold() and xg_trie_find() are global BPF functions: the
 * verifier checks each once, for any arguments, instead of once a call and once
 * for all that it knows of a key there. They look the image up again since a
 * global function cannot take a map value. What most packets meet is in line.
 */
#ifndef XG_CLASSIFY_H
#define XG_CLASSIFY_H

#include "xdp/addresses.h"
#include "xdp/search.h"
#include "xdp/capture.h"
#include "xdp/effect.h"

struct xg_walk {
	xg_ctx *ctx;
	const struct xg_key *key;
	__u64 bytes;
	__u32 rule;	/* matched last */
	__u32 action;	/* of that rule, for this packet */
};

/* Counts a match of a count rule and goes on behind it. */
static long xg_walk_step(__u32 index, void *data)
{
	const void *image = xg_image();
	struct xg_walk *walk = data;

	(void)index;
	if (!image || walk->rule == XG_NO_RULE)
		return 1;
	walk->action = xg_decide(walk->key, image, walk->rule, walk->bytes);
	if (walk->action != XG_COUNT)
		return 1;
	xg_count(XG_SLOT_RULE + walk->rule, walk->bytes);
	if (xg_watched())
		xg_report(walk->ctx, walk->key, walk->rule, XG_COUNT);
	walk->rule = xg_first(walk->ctx, walk->key, image, walk->rule + 1,
			      XG_FAR);
	return 0;
}

/* The first rule that decides about the packet of `key`, `bytes` long, and in
 * `action` what it says (enum xg_verdict); XG_NO_RULE where none does. Counts
 * the count rules met on the way: where `deep`, a constant, is 0, there are
 * none (6.1's verifier counts the stack of calls that are never made, too). */
static __always_inline __u32 xg_classify(xg_ctx *ctx, struct xg_key *key,
					 const void *image, __u64 bytes,
					 __u32 *action, int deep)
{
	__u32 rule;

	xg_find_addresses(key, image);
	rule = xg_first(ctx, key, image, 0, XG_NEAR);
	if (deep && xg_features & XG_HAS_COUNT) {
		struct xg_walk walk = {.ctx = ctx, .key = key, .bytes = bytes,
				       .rule = rule, .action = XG_DROP};

		xg_loop(XG_LEAF_MAX, xg_walk_step, &walk);
		*action = walk.action;
		return walk.rule;
	}
	*action = rule == XG_NO_RULE ? XG_DROP :
				       xg_decide(key, image, rule, bytes);
	return rule;
}

#endif
