/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a packet's key to its verdict: the policy for malformed packets, the
 * rules, the default, and the one count that each packet ends in. Included by
 * the XDP program and by the native engine.
 */
#ifndef XG_JUDGE_H
#define XG_JUDGE_H

#include "xdp/classify.h"

struct xg_outcome {
	__u32 verdict;	/* enum xg_verdict */
	__u32 rule;	/* that decided, or XG_NO_RULE */
};

/* Lets the rules decide, and the default where none does. */
static __always_inline void xg_judge_by_rules(xg_ctx *ctx, struct xg_key *key,
					      const void *image, __u64 bytes,
					      struct xg_outcome *out, int deep)
{
	const struct xg_header *h = image;
	__u32 action;

	out->rule = xg_classify(ctx, key, image, bytes, &action, deep);
	if (out->rule == XG_NO_RULE) {
		xg_count(XG_SLOT_DEFAULT, bytes);
		out->verdict = h->default_action;
	} else {
		xg_count(XG_SLOT_RULE + out->rule, bytes);
		out->verdict = action;
	}
}

/* Judges the packet that xg_parse() has read into `key`, `bytes` long as a
 * frame. A malformed packet is counted under its class; where rules may see
 * such packets, it is counted under its rule or the default too. `deep`: for
 * all policies, and not only for those without XG_DEEP. */
static __always_inline void xg_judge(xg_ctx *ctx, struct xg_key *key,
				     const void *image, __u64 bytes,
				     struct xg_outcome *out, int deep)
{
	const struct xg_header *h = image;
	__u32 class = key->word[XG_W_CLASS];

	if (class != XG_CLASS_OK) {
		xg_count(XG_SLOT_CLASS + class, bytes);
		if (h->malformed != XG_MALFORMED_MATCH) {
			out->rule = XG_NO_RULE;
			out->verdict = h->malformed;
			return;
		}
	}
	xg_judge_by_rules(ctx, key, image, bytes, out, deep);
}

#endif
