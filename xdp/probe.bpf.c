// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether the kernel lets a program take the place of another's function, which
 * is how libxdp's dispatcher calls programs. Loaded to find out, never run.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int xg_probe_slot(struct xdp_md *ctx)
{
	volatile int result = XDP_PASS;

	return ctx ? result : XDP_ABORTED;
}

SEC("xdp")
int xg_probe_caller(struct xdp_md *ctx)
{
	return xg_probe_slot(ctx);
}

SEC("freplace/xg_probe_slot")
int xg_probe_filler(struct xdp_md *ctx)
{
	return ctx ? XDP_DROP : XDP_ABORTED;
}

char _license[] SEC("license") = "GPL";
