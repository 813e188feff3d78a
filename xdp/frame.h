/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a frame's bytes, wherever they lie: in the driver's first buffer,
 * which is read in place, or behind it, from where they are copied. Included
 * by the readers of packets, for BPF and for the host; never writes to a frame
 * and knows no protocol.
 */
#ifndef XG_FRAME_H
#define XG_FRAME_H

#include "xdp/image.h"

/* bpf_xdp_load_bytes() reaches no further. The host's twin has the same
 * horizon, so that both engines judge alike. */
#define XG_FRAME_REACH 0xffffu

/* Offsets up to here are tried in place: the verifier follows pointers into a
 * packet over less than 64 KiB only. */
#define XG_IN_PLACE_MAX 0x7fffu

#ifdef __bpf__

typedef struct xdp_md xg_ctx;

/* Bytes of the whole frame, over all its buffers. */
static __always_inline __u32 xg_frame_length(xg_ctx *ctx)
{
	return bpf_xdp_get_buff_len(ctx);
}

static __always_inline __u32 xg_frame_ifindex(xg_ctx *ctx)
{
	return ctx->ingress_ifindex;
}

/* The `size` bytes at `off` of the frame to `to`: 0, or a negative errno where
 * they do not all lie in the frame. A `size` that is no constant is 1 to
 * XG_PAYLOAD_MAX, and is said to be so in words that the verifier of 6.1
 * understands: it learns nothing from a comparison with 0. */
static __always_inline long xg_frame_copy(xg_ctx *ctx, __u32 off, void *to,
					  __u32 size)
{
	if (!__builtin_constant_p(size))
		size = (xg_opaque(size - 1) & (XG_PAYLOAD_MAX - 1)) + 1;
	return bpf_xdp_load_bytes(ctx, off, to, size);
}

/* Address of the `size` bytes at `off` where the first buffer holds them all,
 * else NULL. The empty asm keeps clang from deriving the address anew behind
 * the check, which the verifier would not recognise; and xg_opaque() from
 * loading the offset anew, of which 6.1's verifier had not learnt the bound. */
static __always_inline const void *xg_in_place(xg_ctx *ctx, __u32 off,
					       __u32 size)
{
	const char *at = (const char *)(long)ctx->data;
	__u64 checked = xg_opaque(off);

	if (checked > XG_IN_PLACE_MAX)
		return 0;
	at += checked;
	__asm__ volatile("" : "+r"(at));
	if (at + size > (const char *)(long)ctx->data_end)
		return 0;
	return at;
}

/* The same number, of which the verifier knows nothing more: it keeps no
 * record of what is stored in the upper half of a stack slot. Where paths meet
 * that differ in an offset only, it then goes on with one of them. */
static __always_inline __u32 xg_forget(__u32 value)
{
	volatile __u32 slot[2] __attribute__((aligned(8)));

	slot[1] = value;
	return slot[1];
}

static __always_inline __u16 xg_load16(const void *at)
{
	return *(const __u16 *)at;
}

static __always_inline __u32 xg_load32(const void *at)
{
	return *(const __u32 *)at;
}

static __always_inline __u64 xg_load64(const void *at)
{
	return *(const __u64 *)at;
}

#else

/* A frame in memory. Its first `first` bytes stand for the driver's first
 * buffer: what lies beyond is copied, as in the kernel. */
typedef struct xg_ctx {
	const __u8 *bytes;
	__u32 first;
	__u32 length;
	__u32 ifindex;
} xg_ctx;

static __always_inline __u32 xg_frame_length(xg_ctx *ctx)
{
	return ctx->length;
}

static __always_inline __u32 xg_frame_ifindex(xg_ctx *ctx)
{
	return ctx->ifindex;
}

static __always_inline long xg_frame_copy(xg_ctx *ctx, __u32 off, void *to,
					  __u32 size)
{
	if (off > XG_FRAME_REACH || off > ctx->length ||
	    size > ctx->length - off)
		return -22; /* EINVAL */
	__builtin_memcpy(to, ctx->bytes + off, size);
	return 0;
}

static __always_inline const void *xg_in_place(xg_ctx *ctx, __u32 off,
					       __u32 size)
{
	if (off > ctx->first || size > ctx->first - off)
		return 0;
	return ctx->bytes + off;
}

static __always_inline __u32 xg_forget(__u32 value)
{
	return value;
}

static __always_inline __u16 xg_load16(const void *at)
{
	__u16 value;

	__builtin_memcpy(&value, at, sizeof(value));
	return value;
}

static __always_inline __u32 xg_load32(const void *at)
{
	__u32 value;

	__builtin_memcpy(&value, at, sizeof(value));
	return value;
}

static __always_inline __u64 xg_load64(const void *at)
{
	__u64 value;

	__builtin_memcpy(&value, at, sizeof(value));
	return value;
}

#endif

/* Numbers in network order at `at` + `off`. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define XG_SWAP(bits, value) __builtin_bswap##bits(value)
#else
#define XG_SWAP(bits, value) (value)
#endif

static __always_inline __u32 xg_byte(const void *at, __u32 off)
{
	return ((const __u8 *)at)[off];
}

static __always_inline __u32 xg_be16(const void *at, __u32 off)
{
	return XG_SWAP(16, xg_load16((const __u8 *)at + off));
}

static __always_inline __u32 xg_be32(const void *at, __u32 off)
{
	return XG_SWAP(32, xg_load32((const __u8 *)at + off));
}

static __always_inline __u64 xg_be64(const void *at, __u32 off)
{
	return XG_SWAP(64, xg_load64((const __u8 *)at + off));
}

#endif
