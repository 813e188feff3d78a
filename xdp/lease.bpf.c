// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program in force while a policy waits to be confirmed: calls the next
 * generation's program until the lease has run out, and the one before from
 * then on. It stands between xg_entry and a generation for that time only, so
 * that policies in force for good have nothing to do with it.
 * docs/architecture.md, "Leases".
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <xdpgate/lease.h>

/* The programs of the two generations, by XG_LEASE_... */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, XG_LEASE_SLOTS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} lease_slots SEC(".maps");

/* Interfaces that only one of the two generations is to run on: by ifindex,
 * which one. On those a packet of the other passes. The tool sets max_entries. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} lease_ports SEC(".maps");

volatile struct xg_lease xg_lease SEC(".data.lease");

/* Which generation judges, XG_LEASE_.... Of all CPUs and the tool the first one
 * to change `until_ns` decides, for good and for everybody. */
static __always_inline __u32 xg_lease_choice(void)
{
	__u64 until = xg_lease.until_ns;

	if (until > XG_LEASE_ENDED && bpf_ktime_get_boot_ns() >= until)
		until = __sync_val_compare_and_swap(&xg_lease.until_ns, until,
						    XG_LEASE_ENDED) ==
				XG_LEASE_CONFIRMED ?
				XG_LEASE_CONFIRMED :
				XG_LEASE_ENDED;
	return until == XG_LEASE_ENDED ? XG_LEASE_BEFORE : XG_LEASE_NEXT;
}

SEC("xdp.frags")
int xg_lease_run(struct xdp_md *ctx)
{
	__u32 choice = xg_lease_choice(), port = ctx->ingress_ifindex;
	__u32 *only = bpf_map_lookup_elem(&lease_ports, &port);

	if (only && *only != choice)
		return XDP_PASS;
	if (choice == XG_LEASE_NEXT)
		bpf_tail_call_static(ctx, &lease_slots, XG_LEASE_NEXT);
	else
		bpf_tail_call_static(ctx, &lease_slots, XG_LEASE_BEFORE);
	return XDP_PASS; /* never: both slots are filled */
}

char _license[] SEC("license") = "GPL";
