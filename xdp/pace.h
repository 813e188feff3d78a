/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A token bucket in one word that all CPUs share, for what happens seldom: as
 * the time at which the bucket will be full again (the generic cell rate
 * algorithm, ITU-T I.371). Included by filter.bpf.c only.
 */
#ifndef XG_PACE_H
#define XG_PACE_H

#include "xdp/image.h"

#define XG_PACE_TRIES 4 /* CPUs that meet here; the last one goes without */

/* Whether one more may happen at `now`: every `interval` on average, and up to
 * `slack` earlier in a burst. Times in ns. */
static __always_inline int xg_pace(volatile __u64 *full, __u64 now,
				   __u64 interval, __u64 slack)
{
	__u64 seen = *full;
	int i;

	for (i = 0; i < XG_PACE_TRIES; i++) {
		__u64 from = seen > now ? seen : now;
		__u64 before = seen;

		if (from - now > slack)
			return 0;
		seen = __sync_val_compare_and_swap(full, before,
						   from + interval);
		if (seen == before)
			return 1;
	}
	return 0;
}

#endif
