/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bench's programs: xg_bench lays the next header of a trace over the
 * frame of a test run and calls the program under test as xg_entry calls the
 * filter, by a tail call into slot 0. Repeated, one test run takes a program
 * through as many different packets. Never attached.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <xdpgate/abi.h>

const volatile __u32 xg_features = 0;
const volatile __u32 xg_image_limit = 0;

#include "xdp/parse.h"

/* Frame heads of `xg_head` bytes (a multiple of 8), one after the other. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 4096);
} heads SEC(".maps");

/* The program under test. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, XG_PROG_SLOTS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} slots SEC(".maps");

#define XG_HEAD_MAX 256
/* Set by the tool before loading. */
const volatile __u32 xg_head = 64;	   /* bytes of a head */
const volatile __u32 xg_heads_bytes = 4096; /* of all heads */

__u32 xg_cursor; /* offset of the next head; the tool sets it to 0 */
__u32 xg_nothing; /* 0, which the verifier does not know */

static __always_inline void xg_lay_over(struct xdp_md *ctx, const __u64 *head)
{
	__u64 *frame = (__u64 *)(long)ctx->data;
	__u32 i;

	if ((void *)(frame + xg_head / 8) > (void *)(long)ctx->data_end)
		return;
#pragma unroll
	for (i = 0; i < XG_HEAD_MAX / 8; i++)
		if (i < xg_head / 8)
			frame[i] = head[i];
}

/* Whether programs take frames in several buffers is the tool's choice, which
 * it makes by a flag: "xdp.frags" here would set it always. */
SEC("xdp")
int xg_bench(struct xdp_md *ctx)
{
	__u32 zero = 0, cursor = xg_cursor;
	__u64 off = cursor;
	const char *all = bpf_map_lookup_elem(&heads, &zero);

	if (!all || off > xg_heads_bytes - xg_head)
		return XDP_ABORTED;
	__asm__ volatile("" : "+r"(off));
	xg_lay_over(ctx, (const __u64 *)(all + off));
	cursor += xg_head;
	xg_cursor = cursor < xg_heads_bytes ? cursor : 0;
	bpf_tail_call_static(ctx, &slots, XG_PROG_CURRENT);
	return XDP_ABORTED;
}

/* The floor: a program that reads nothing. */
SEC("xdp")
int xg_bench_floor(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_DROP;
}

/* The reader alone, all of whose key is wanted. */
SEC("xdp")
int xg_bench_parse(struct xdp_md *ctx)
{
	struct xg_key key;

	xg_parse(ctx, &key, xg_frame_length(ctx), xg_features, xg_nothing);
	__asm__ volatile("" : : "r"(&key) : "memory");
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
