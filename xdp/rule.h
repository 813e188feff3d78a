/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A rule's record and what stands behind it. Included by the packet path's
 * headers.
 */
#ifndef XG_RULE_H
#define XG_RULE_H

#include "xdp/image.h"

/* The word of rule `number`: its action, and the number of its effect. */
static __always_inline __u32 xg_rule_word(const void *image, __u32 number)
{
	const struct xg_header *h = image;
	const struct xg_rule *rule;

	rule = xg_at(image, h->rules_off + (__u64)number * sizeof(*rule));
	return rule ? rule->word : XG_DROP;
}

/* enum xg_verdict or XG_COUNT. */
static __always_inline __u32 xg_rule_action(__u32 word)
{
	return word & XG_RULE_ACTION_MASK;
}

/* What the rule of `word` does beside its action; NULL where nothing. Asked
 * for under XG_HAS_EFFECTS only. */
static __always_inline const struct xg_effect *xg_rule_effect(const void *image,
							      __u32 word)
{
	const struct xg_header *h = image;
	__u64 number = word >> XG_RULE_EFFECT_SHIFT;

	if (!number)
		return 0;
	return xg_at(image, h->effects_off +
			    number * sizeof(struct xg_effect));
}

#endif
