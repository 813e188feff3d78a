/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XG_CLASSIFY_H
#define XG_CLASSIFY_H

#include "xdp/image.h"
#include "xdp/frame.h"

/* The first rule that matches, XG_NO_RULE where none does. */
static __always_inline __u32 xg_classify(xg_ctx *ctx, struct xg_key *key)
{
	(void)ctx;
	(void)key;
	return XG_NO_RULE;
}

#endif
