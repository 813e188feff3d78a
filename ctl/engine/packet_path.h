/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The packet path of xdp/, compiled for the host: what packet_path.c offers to
 * the C++ around it. Plain C, since the sources are.
 */
#ifndef XG_ENGINE_PACKET_PATH_H
#define XG_ENGINE_PACKET_PATH_H

#include <xdpgate/abi.h>

#include "xdp/host_state.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One frame. `first`: how many of its `length` bytes lie in the first buffer;
 * what lies behind is read as from the further buffers of a driver. */
struct xg_host_frame {
	const __u8 *bytes;
	__u32 first;
	__u32 length;
	__u32 ifindex;
};

/* What to judge by and to count in. */
struct xg_host_policy {
	const void *image;	/* XG_READ_MAX bytes longer than its size says */
	struct xg_counter *counters;
	__u32 counter_count;
	const struct xg_host_state *state;
};

struct xg_host_verdict {
	__u32 verdict;		/* enum xg_verdict */
	__u32 rule;		/* that decided, or XG_NO_RULE */
	__u32 class_;		/* enum xg_class */
};

/* Reads a frame into `key`; `features` as in xg_parse(). */
void xg_host_parse(const struct xg_host_frame *frame, __u32 features,
		   struct xg_key *key);

/* Judges a frame and counts it. */
struct xg_host_verdict xg_host_judge(const struct xg_host_policy *policy,
				     const struct xg_host_frame *frame);

#ifdef __cplusplus
}
#endif

#endif
