/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the packet path, compiled for the host, asks its engine for in place of
 * the kernel's maps and clock. Types only; included by xdp/memo.h and by the
 * engine's C++.
 */
#ifndef XG_HOST_STATE_H
#define XG_HOST_STATE_H

#include <xdpgate/abi.h>

struct xg_host_state {
	void *self;	/* handed to each of them */
	__u64 (*clock)(void *self);
	/* When `element` of a dynamic set expires; NULL: it is not there. */
	const __u64 *(*find)(void *self, __u32 set,
			     const struct xg_element *element);
	const struct xg_set_lengths *(*lengths)(void *self, __u32 set);
	/* Sets an element's time; negative: the set is full. */
	long (*store)(void *self, __u32 set, const struct xg_element *element,
		      __u64 expires_ns);
	/* Element `number` of the map `limits`; NULL: beyond it. */
	struct xg_limit_bucket *(*bucket)(void *self, __u32 number);
};

#endif
