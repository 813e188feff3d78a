/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Totals an interface. Included by filter.bpf.c only.
 */
#ifndef XG_PORTS_H
#define XG_PORTS_H

#include "xdp/maps.h"

/* Counts a packet for the interface that it came in by. */
static __always_inline void xg_count_port(__u32 ifindex, __u32 verdict,
					  __u64 bytes)
{
	__u32 number = ifindex % XG_PORTS;
	struct xg_port *port = bpf_map_lookup_elem(&ports, &number);
	struct xg_counter *counter;

	if (!port)
		return;
	counter = &port->verdict[verdict % XG_VERDICTS];
	counter->packets++;
	counter->bytes += bytes;
}

#endif
