/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rarer conditions of a box: ranges, bitmaps, sets, payload, MACs (abi.h,
 * struct xg_test). Included by the classifier.
 */
#ifndef XG_TESTS_H
#define XG_TESTS_H

#include "xdp/image.h"
#include "xdp/frame.h"
#include "xdp/dynamic.h"

/* Whether row `row` of set bits has set `set`. */
static __always_inline __u32 xg_in_set(const void *image, __u32 row, __u32 set)
{
	const struct xg_header *h = image;

	return xg_bit(image, h->rows_off + (__u64)row * h->row_words * 4, set);
}

/* 1: the payload is as asked; 0: it differs; -1: not inside the packet. */
static __always_inline int xg_payload_holds(xg_ctx *ctx,
					    const struct xg_key *key,
					    const void *image,
					    const struct xg_test *test)
{
	const struct xg_payload *want = xg_at(image, test->a);
	__u64 have[2] = {0, 0};
	const __u64 *bytes, *mask;
	__u32 base, length;

	if (!want || test->word >= XG_BASE_END)
		return -1;
	base = key->base[test->word];
	length = want->length;
	if (test->word != XG_BASE_ETHER && base == 0)
		return -1;
	if (length < 1 || length > XG_PAYLOAD_MAX)
		return -1;
	if ((__u64)base + test->b + length > key->base[XG_BASE_END])
		return -1;
	if (xg_frame_copy(ctx, base + test->b, have, length))
		return -1;
	bytes = (const __u64 *)want->bytes;
	mask = (const __u64 *)want->mask;
	return (have[0] & mask[0]) == bytes[0] &&
	       (have[1] & mask[1]) == bytes[1];
}

/* 1 or 0; -1: the frame ends before its addresses do. */
static __always_inline int xg_mac_holds(const struct xg_key *key,
					const struct xg_test *test)
{
	__u32 top = key->word[test->word ? XG_W_DMAC : XG_W_SMAC];
	__u32 low = key->word[XG_W_MACS];

	if (key->word[XG_W_CLASS] == XG_CLASS_ETHER_SHORT)
		return -1;
	low = test->word ? low & 0xffff : low >> 16;
	return (top & test->mask) == test->a &&
	       (low & test->b >> 16) == (test->b & 0xffff);
}

/* The part of the key that a RANGE or BITMAP test looks at. */
static __always_inline __u32 xg_field(const struct xg_key *key,
				      const struct xg_test *test)
{
	__u64 word = test->word;

	if (word >= XG_WORDS)
		return 0;
	return key->word[xg_opaque(word) & 31] >> (test->shift & 31) &
	       test->mask;
}

/* In one comparison: what is below `a` wraps around. */
static __always_inline int xg_range_holds(const struct xg_key *key,
					  const struct xg_test *test)
{
	return xg_field(key, test) - test->a <= test->b - test->a;
}

/* 1 or 0: whether the test holds, before negation; -1: the field is absent. */
static __always_inline int xg_test_holds(xg_ctx *ctx, const struct xg_key *key,
					 const void *image,
					 const struct xg_test *test)
{
	__u32 field;

	switch (test->kind) {
	case XG_TEST_RANGE:
		return xg_range_holds(key, test);
	case XG_TEST_BITMAP:
		return xg_bit(image, test->a, xg_field(key, test));
	case XG_TEST_SET:
		field = key->word[test->word == XG_W_DST_ROW ?
				  XG_W_DST_ROW : XG_W_SRC_ROW];
		return xg_in_set(image, field, test->a);
	case XG_TEST_PAYLOAD:
		if (!(xg_features & XG_HAS_PAYLOAD))
			return -1;
		return xg_payload_holds(ctx, key, image, test);
	case XG_TEST_MAC:
		return xg_mac_holds(key, test);
	case XG_TEST_DYNAMIC:
		if (!(xg_features & XG_HAS_DYNAMIC))
			return -1;
		return xg_dynamic_holds(key, test->a, test->word);
	}
	return -1;
}

/* Whether all tests of the run at `off` hold. */
__noinline int xg_tests_hold(xg_ctx *ctx, const struct xg_key *key, __u32 off)
{
	const void *image = xg_image();
	__u32 i;

	if (!image || !key)
		return 0;
	for (i = 0; i < XG_MAX_TESTS; i++) {
		const struct xg_test *test;
		int holds;

		test = xg_at(image, (__u64)off + i * sizeof(*test));
		if (!test)
			return 0;
		holds = xg_test_holds(ctx, key, image, test);
		if (holds < 0 || holds == !!(test->flags & XG_TEST_NEGATE))
			return 0;
		if (test->flags & XG_TEST_LAST)
			return 1;
	}
	return 0;
}

/* xg_tests_hold(), with a lone range, as a set's bit is, judged in line. */
static __always_inline int xg_tests_pass(xg_ctx *ctx, const struct xg_key *key,
					 const void *image, __u32 off)
{
	const struct xg_test *test = xg_at(image, off);

	if (!test)
		return 0;
	if (test->kind != XG_TEST_RANGE || !(test->flags & XG_TEST_LAST))
		return xg_tests_hold(ctx, key, off);
	return xg_range_holds(key, test) != !!(test->flags & XG_TEST_NEGATE);
}

#endif
