/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the program of a lease and the tool agree on, beside abi.h. A lease is
 * a policy that waits to be confirmed: meanwhile slot 0 of the instance holds
 * a program that calls into two slots of its own. Once ended, the struct is the
 * record of what became of that policy.
 */
#ifndef XDPGATE_LEASE_H
#define XDPGATE_LEASE_H

#include <xdpgate/abi.h>

#define XG_LEASE_NEXT 0u	/* to be confirmed */
#define XG_LEASE_BEFORE 1u	/* comes back where it is not */
#define XG_LEASE_SLOTS 2u
/* xg_lease.until_ns */
#define XG_LEASE_CONFIRMED 0ull
#define XG_LEASE_ENDED 1ull

struct xg_lease {
	__u64 until_ns;		/* CLOCK_BOOTTIME, or one of the above: the
				 * first to change it decides */
	__u64 due_ns;		/* what until_ns was at first; 0: not begun */
	__u64 length_ns;
	__u64 next, before;	/* generations; before 0: there was none */
	__u32 next_id, before_id;	/* kernel ids of their programs */
	__u32 rolled_back;	/* ended by `xdpgate rollback` ... */
	__u32 reserved;
	__u64 ended_ns;		/* ... at this time, CLOCK_BOOTTIME */
};
XG_ASSERT(sizeof(struct xg_lease) == 64, "xg_lease has no hidden padding");

#endif
