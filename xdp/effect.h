/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a rule that has met a packet does beside its action: the limit, which
 * may put another action in its place, and the ban. Included by the classifier.
 */
#ifndef XG_EFFECT_H
#define XG_EFFECT_H

#include "xdp/ban.h"
#include "xdp/limit.h"
#include "xdp/rule.h"

/* Features for which a rule's effect may change its action or a set. */
#define XG_HAS_DECIDING_EFFECTS (XG_HAS_LIMITS | XG_HAS_BANS)

/* The action that `effect` makes of `action` for this packet. */
static __always_inline __u32 xg_effect_action(const struct xg_key *key,
					      const struct xg_effect *effect,
					      struct xg_memo *memo,
					      __u32 action, __u64 bytes)
{
	int bans = !!effect->ban_set;

	if (xg_features & XG_HAS_LIMITS && effect->limit_cost) {
		int within = xg_is_within(key, effect, memo, bytes);

		if (!within) {
			xg_count(effect->limit_slot, bytes);
			action = effect->limit_over;
		}
		bans = bans && !within;
	}
	if (xg_features & XG_HAS_BANS && bans)
		xg_ban(key, memo, effect->ban_set - 1, effect->ban_ns, bytes);
	return action;
}

/* The action of rule `number` for the packet of `key`, `bytes` long, whose
 * limit and ban are carried out. A function of its own, which the verifier
 * walks once. */
__noinline __u32 xg_decide_by_effect(const struct xg_key *key, __u32 number,
				     __u32 bytes)
{
	const void *image = xg_image();
	const struct xg_effect *effect;
	struct xg_memo *memo = xg_memo();
	__u32 word, action;

	if (!image || !key || !memo)
		return XG_DROP;
	word = xg_rule_word(image, number);
	action = xg_rule_action(word);
	effect = xg_rule_effect(image, word);
	return effect ? xg_effect_action(key, effect, memo, action, bytes) :
			action;
}

/* enum xg_verdict or XG_COUNT. */
static __always_inline __u32 xg_decide(const struct xg_key *key,
				       const void *image, __u32 number,
				       __u32 bytes)
{
	__u32 word = xg_rule_word(image, number);

	if (xg_features & XG_HAS_DECIDING_EFFECTS && word >> XG_RULE_EFFECT_SHIFT)
		return xg_decide_by_effect(key, number, bytes);
	return xg_rule_action(word);
}

#endif
