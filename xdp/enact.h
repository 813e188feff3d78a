/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the verdict to what the driver is told. Included by filter.bpf.c only.
 */
#ifndef XG_ENACT_H
#define XG_ENACT_H

#include "xdp/judge.h"
#include "xdp/reject.h"

/* Through the bridge: out of the other port. */
static __always_inline int xg_forward(const struct xg_key *key,
				      const struct xg_header *h)
{
	__u32 from = key->word[XG_W_IFINDEX];

	if (from == h->bridge[0])
		return bpf_redirect_map(&devices, 1, XDP_DROP);
	if (from == h->bridge[1])
		return bpf_redirect_map(&devices, 0, XDP_DROP);
	return XDP_PASS;
}

/* Out of the interface that rule `number` names. */
static __always_inline int xg_redirect(const void *image, __u32 number)
{
	const struct xg_effect *effect;

	effect = xg_rule_effect(image, xg_rule_word(image, number));
	if (!effect)
		return XDP_DROP;
	return bpf_redirect_map(&devices, effect->redirect, XDP_DROP);
}

/* enum xdp_action for the packet of `key`, which may be changed. */
static __always_inline int xg_enact(xg_ctx *ctx, const struct xg_key *key,
				    const void *image,
				    const struct xg_outcome *outcome)
{
	__u32 verdict = outcome->verdict;

	if (verdict == XG_PASS)
		return xg_features & XG_HAS_BRIDGE ? xg_forward(key, image)
						   : XDP_PASS;
	if (xg_features & XG_HAS_REJECT && verdict == XG_REJECT)
		return xg_reject(ctx, key);
	if (xg_features & XG_HAS_REDIRECT && verdict == XG_REDIRECT)
		return xg_redirect(image, outcome->rule);
	return XDP_DROP;
}

#endif
