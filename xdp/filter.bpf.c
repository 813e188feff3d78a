// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two XDP programs. xg_entry is what interfaces carry for as long as an
 * instance lives; xg_filter judges packets by the image of one generation.
 * docs/architecture.md, "The running filter".
 */
#include "xdp/maps.h"
#include "xdp/frame.h"
#include "xdp/act.h"

SEC("xdp.frags")
int xg_entry(struct xdp_md *ctx)
{
	bpf_tail_call_static(ctx, &slots, XG_PROG_CURRENT);
	return XDP_PASS; /* no generation is in force yet */
}

static __always_inline void xg_write_trace(__u32 verdict)
{
	__u32 zero = 0;
	struct xg_trace *out = bpf_map_lookup_elem(&trace, &zero);

	if (!out)
		return;
	out->verdict = verdict;
	out->rule = XG_NO_RULE;
}

SEC("xdp.frags")
int xg_filter(struct xdp_md *ctx)
{
	const struct xg_header *h = xg_image();
	__u32 verdict;

	if (!h)
		return XDP_ABORTED; /* never: the map has one value */
	verdict = h->default_action;
	xg_count(XG_SLOT_DEFAULT, xg_frame_length(ctx));
	if (xg_tracing)
		xg_write_trace(verdict);
	return verdict == XG_PASS ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
