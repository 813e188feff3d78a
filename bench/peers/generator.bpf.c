/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A packet generator: run with BPF_F_TEST_XDP_LIVE_FRAMES it writes the next
 * head of a trace over each frame and sends it into a veth. Its own clock
 * stands at the start of each batch, when the receiver (which runs on this
 * core, in the softirq that follows a batch) has done all of the one before.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define XG_HEAD 64  /* bytes of a frame */
#define XG_BATCH 64 /* frames of a batch */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 4096);
} heads SEC(".maps");

const volatile __u32 xg_heads_bytes = 4096; /* set before loading */

__u32 xg_to;	     /* ifindex to send to */
__u32 xg_warm_up;    /* frames to send before the clock starts */
__u32 xg_cursor;     /* offset of the next head; goes on from pass to pass */
__u32 xg_sent;	     /* frames of this pass */
__u64 xg_first_ns;   /* when the frame behind the warm-up was sent */
__u64 xg_last_ns;    /* when the last batch began */

static __always_inline void xg_clock(void)
{
	if (xg_sent % XG_BATCH)
		return;
	xg_last_ns = bpf_ktime_get_ns();
	if (xg_sent <= xg_warm_up)
		xg_first_ns = xg_last_ns;
}

SEC("xdp")
int xg_generate(struct xdp_md *ctx)
{
	__u64 *frame = (__u64 *)(long)ctx->data;
	__u32 zero = 0, cursor = xg_cursor, i;
	__u64 off = cursor;
	const char *all = bpf_map_lookup_elem(&heads, &zero);
	const __u64 *head;

	if (!all || off > xg_heads_bytes - XG_HEAD ||
	    (void *)(frame + XG_HEAD / 8) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	__asm__ volatile("" : "+r"(off));
	head = (const __u64 *)(all + off);
	xg_clock();
#pragma unroll
	for (i = 0; i < XG_HEAD / 8; i++)
		frame[i] = head[i];
	xg_sent++;
	cursor += XG_HEAD;
	xg_cursor = cursor < xg_heads_bytes ? cursor : 0;
	return bpf_redirect(xg_to, 0);
}

/* The floor of the receivers. */
SEC("xdp")
int xg_sink(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
