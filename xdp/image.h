/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading the image: every access goes through xg_at(), which compares the
 * offset with one constant. Included by the packet path's headers, for BPF and
 * for the host; never writes.
 */
#ifndef XG_IMAGE_H
#define XG_IMAGE_H

#include <xdpgate/abi.h>

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif

#ifdef __bpf__
/* Size of the image; set by the tool before loading, so that the verifier
 * knows it. maps.h. */
extern const volatile __u32 xg_image_limit;
#else
/* The image that the calling thread judges by, its size and its features. */
extern _Thread_local const void *xg_host_image;
extern _Thread_local __u32 xg_image_limit;
extern _Thread_local __u32 xg_features;
#endif

/* The bytes at `off`, XG_READ_MAX of them, or NULL beyond the image (never,
 * with an image that the tool has checked; the verifier wants to be told).
 * The empty asm keeps clang from deriving the pointer anew after the check. */
static __always_inline const void *xg_at(const void *image, __u64 off)
{
	if (off > xg_image_limit)
		return 0;
	__asm__ volatile("" : "+r"(off));
	return (const char *)image + off;
}

/* Bit number `bit` of the bitmap of 32-bit words at `off`. */
static __always_inline __u32 xg_bit(const void *image, __u64 off, __u32 bit)
{
	const __u32 *word = xg_at(image, off + (__u64)(bit >> 5) * 4);

	return word ? *word >> (bit & 31) & 1 : 0;
}

/* 0, which the verifier takes for any number. */
static __always_inline __u32 xg_zero(const void *image)
{
	return ((const struct xg_header *)image)->zero;
}

#ifndef __bpf__
/* The image's first byte. maps.h has the kernel's. */
static __always_inline const void *xg_image(void)
{
	return xg_host_image;
}
#endif

/* Makes the compiler forget what it knows of a value. */
static __always_inline __u64 xg_opaque(__u64 value)
{
	__asm__ volatile("" : "+r"(value));
	return value;
}

#endif
