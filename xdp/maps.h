/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps of a generation and of an instance, and the constants that the tool
 * sets before loading. Included by filter.bpf.c only.
 */
#ifndef XG_MAPS_H
#define XG_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <xdpgate/abi.h>
#include <xdpgate/ports.h>

/* The compiled policy: one value. The tool sets value_size to the image's size
 * plus XG_READ_MAX, fills it and freezes it; programs may not write it at all.
 * It is read through mmap. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE | BPF_F_RDONLY_PROG);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 4096);
} image SEC(".maps");

/* Live counters of this generation, XG_CHUNK slots an element; the tool sets
 * max_entries. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xg_chunk);
} counters SEC(".maps");

/* A dynamic set, as the tool makes it, in the size that the policy asks for:
 * when each element expires. */
struct xg_set_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(struct xg_element));
	__uint(value_size, sizeof(__u64));
};

/* The dynamic sets by number. They outlive generations, of which each has an
 * array of its own; the tool sets max_entries here and below. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct xg_set_map);
} sets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xg_set_lengths);
} set_lengths SEC(".maps");

/* What packets have put into a set, the oldest first: where it is full, what
 * has expired is looked for here. */
struct xg_set_queue {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__uint(value_size, sizeof(struct xg_element));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct xg_set_queue);
} set_queues SEC(".maps");

/* The buckets of all limits, of each one a run. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct xg_limit_bucket);
} limits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xg_memo);
} memo SEC(".maps");

/* The program in force, shared by all generations of an instance. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, XG_PROG_SLOTS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} slots SEC(".maps");

/* What a traced run says; touched only where xg_tracing is set. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct xg_trace);
} trace SEC(".maps");

/* The interfaces that packets leave by; the tool sets max_entries and fills
 * it before the program is in force. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} devices SEC(".maps");

/* The ring that `xdpgate capture` reads, shared by all generations of an
 * instance; empty while nobody does. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_RINGBUF);
		__uint(max_entries, 4096);
	});
} rings SEC(".maps");

/* Where a CPU puts an event together. */
struct xg_room {
	struct xg_event event;
	__u8 head[XG_SNAP_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xg_room);
} rooms SEC(".maps");

/* What each interface has let in, shared by all generations of an instance. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, XG_PORTS);
	__type(key, __u32);
	__type(value, struct xg_port);
} ports SEC(".maps");

/* What the reader asks for, shared by all generations of an instance. */
volatile struct xg_capture xg_capture SEC(".data.capture");

/* When the rate of answers is back to full. xdp/pace.h. */
volatile __u64 xg_answers SEC(".data.answers");

/* Set by the tool before loading; the verifier removes what they turn off. */
const volatile __u32 xg_image_limit = 4096 - 64; /* image bytes */
const volatile __u32 xg_features = 0;		 /* XG_HAS_... */
const volatile __u8 xg_tracing = 0;		 /* test runs only */
const volatile __u8 xg_counts_ports = 0;	 /* there are several */

/* The image's first byte, or NULL (never): a lookup that the verifier turns
 * into an address. */
static __always_inline const void *xg_image(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&image, &zero);
}

#endif
