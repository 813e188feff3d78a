/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A loop with a bound too large for the verifier to walk: bpf_loop() in the
 * kernel (5.17), a plain loop on the host. `step` gets the index and `data`,
 * and ends the loop by returning 1.
 */
#ifndef XG_LOOP_H
#define XG_LOOP_H

#ifdef __bpf__
#define xg_loop(times, step, data) bpf_loop((times), (step), (data), 0)
#else
static inline void xg_loop(__u32 times, long (*step)(__u32, void *), void *data)
{
	__u32 i;

	for (i = 0; i < times; i++)
		if (step(i, data))
			return;
}
#endif

#endif
