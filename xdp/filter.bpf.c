// SPDX-License-Identifier: GPL-2.0-only
/*
 * The XDP programs. xg_entry is what interfaces carry for as long as an instance
 * lives; xg_filter or xg_filter_deep judges packets by the image of one
 * generation.
 * docs/architecture.md, "The running filter".
 */
#include "xdp/maps.h"
#include "xdp/parse.h"
#include "xdp/enact.h"
#include "xdp/ports.h"

/* For libxdp: where xg_entry stands behind a dispatcher, and that the next is
 * called for what it passes. The tool sets the priority before loading. */
struct {
	__uint(priority, 50);
	__uint(XDP_PASS, 1);
} _xg_entry SEC(".xdp_run_config");

SEC("xdp.frags")
int xg_entry(struct xdp_md *ctx)
{
	bpf_tail_call_static(ctx, &slots, XG_PROG_CURRENT);
	return XDP_PASS; /* no generation is in force yet */
}

/* Where a traced run says what it did; NULL in every other. */
static __always_inline struct xg_trace *xg_trace_open(void)
{
	__u32 zero = 0;

	return xg_tracing ? bpf_map_lookup_elem(&trace, &zero) : 0;
}

/* A test run has no interface of its own: the tool names the one to assume. */
static __always_inline void xg_trace_key(struct xg_trace *out,
					 struct xg_key *key)
{
	key->word[XG_W_IFINDEX] = out->ifindex;
	out->key = *key;
}

static __always_inline void xg_trace_outcome(struct xg_trace *out,
					     const struct xg_key *key,
					     const struct xg_outcome *outcome)
{
	out->verdict = outcome->verdict;
	out->rule = outcome->rule;
	out->class_ = key->word[XG_W_CLASS];
}

/* Judges a packet, whose key goes to `key`. */
static __always_inline int xg_run(struct xdp_md *ctx, const void *image,
				  struct xg_key *key, int deep)
{
	struct xg_trace *out = xg_trace_open();
	struct xg_outcome outcome;
	__u32 length = xg_frame_length(ctx);

	xg_memo_begin(out ? out->now_ns : 0);
	xg_parse(ctx, key, length, xg_features, xg_zero(image));
	if (out)
		xg_trace_key(out, key);
	xg_judge(ctx, key, image, length, &outcome, deep);
	if (out) {
		xg_trace_outcome(out, key, &outcome);
		return XDP_DROP;
	}
	if (xg_counts_ports)
		xg_count_port(key->word[XG_W_IFINDEX], outcome.verdict,
			      length);
	if (xg_watched())
		xg_report(ctx, key, outcome.rule, outcome.verdict);
	return xg_enact(ctx, key, image, &outcome);
}

/* The image and the memo are there always; the verifier wants to be told. */
SEC("xdp.frags")
int xg_filter(struct xdp_md *ctx)
{
	const void *image = xg_image();
	struct xg_key key;

	return image ? xg_run(ctx, image, &key, 0) : XDP_ABORTED;
}

/* xg_filter for policies with a feature of XG_DEEP. */
SEC("xdp.frags")
int xg_filter_deep(struct xdp_md *ctx)
{
	const void *image = xg_image();
	struct xg_memo *memo = xg_memo();

	return image && memo ? xg_run(ctx, image, &memo->key, 1) : XDP_ABORTED;
}

char _license[] SEC("license") = "GPL";
