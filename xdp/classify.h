/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which rule decides: walks the cut trees of the image with the key that the
 * reader made. One source for BPF and for the host; no rule count, no tree
 * depth and no list length of a policy changes what the verifier sees.
 *
 * xg_search(), xg_tests_hold() and xg_trie_find() are global BPF functions: the
 * verifier checks each once, for any arguments, instead of once a call and once
 * for all that it knows of a key there. They look the image up again since a
 * global function cannot take a map value. What most packets meet is in line.
 */
#ifndef XG_CLASSIFY_H
#define XG_CLASSIFY_H

#include "xdp/image.h"
#include "xdp/frame.h"
#include "xdp/loop.h"
#include "xdp/trie.h"
#include "xdp/dynamic.h"
#include "xdp/act.h"
#include "xdp/capture.h"
#include "xdp/effect.h"
#include "xdp/rule.h"

static __always_inline __u32 xg_bit(const void *image, __u64 off, __u32 bit)
{
	const __u32 *word = xg_at(image, off + (__u64)(bit >> 5) * 4);

	return word ? *word >> (bit & 31) & 1 : 0;
}

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

/* 1 or 0: whether the test holds, before negation; -1: the field is absent. */
static __always_inline int xg_test_holds(xg_ctx *ctx, const struct xg_key *key,
					 const void *image,
					 const struct xg_test *test)
{
	__u32 field;

	switch (test->kind) {
	case XG_TEST_RANGE:
		field = xg_field(key, test);
		return field >= test->a && field <= test->b;
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
	__u32 field;

	if (!test)
		return 0;
	if (test->kind != XG_TEST_RANGE || !(test->flags & XG_TEST_LAST))
		return xg_tests_hold(ctx, key, off);
	field = xg_field(key, test);
	return (field - test->a <= test->b - test->a) !=
	       !!(test->flags & XG_TEST_NEGATE);
}

/* The ports of a key as the two lanes of xg_service. */
static __always_inline __u64 xg_port_lanes(__u32 ports)
{
	return (__u64)(ports & 0xffff0000) << 16 | (ports & 0xffff);
}

/* 0 where the packet is as the service asks, tests aside. No branches: what a
 * packet holds is not to be predicted. */
static __always_inline __u64 xg_service_differs(const struct xg_key *key,
						const struct xg_service *s)
{
	__u64 ports = xg_port_lanes(key->word[XG_W_PORTS]);
	__u64 inside = ((ports | XG_PORT_GUARD) - s->port_lo) &
		       (s->port_hi - ports) & XG_PORT_GUARD;

	return (inside ^ XG_PORT_GUARD) |
	       ((key->word[XG_W_PROTO] & s->proto_mask) ^ s->proto_value) |
	       ((key->word[XG_W_L4] & s->l4_mask) ^ s->l4_value);
}

enum xg_scan_state { XG_SCAN_ON, XG_SCAN_END };

struct xg_scan {
	xg_ctx *ctx;
	const struct xg_key *key;
	__u64 at;	/* offset of the record to look at; once the scan has
			 * ended what it found: a rule with XG_FOUND_LATER, or
			 * XG_NOT_FOUND */
	__u32 floor;	/* rules below are not asked for */
	__u32 limit;	/* nor this one and those behind */
};

/* What a search of a tree finds: the rule in the low half, and in the bits
 * above it, bit t for tree t, the later trees that may have a better one. */
#define XG_FOUND_LATER_SHIFT 32
#define XG_FOUND_LATER (0xffull << XG_FOUND_LATER_SHIFT)
#define XG_NOT_FOUND (XG_FOUND_LATER | XG_NO_RULE)
XG_ASSERT(XG_MAX_GROUPS == 8, "a bit for each tree");

static __always_inline __u64 xg_found(__u64 meta, __u32 rule)
{
	__u64 later = meta >> XG_LEAF_LATER_SHIFT & XG_LEAF_LATER_MASK;

	return later << (XG_FOUND_LATER_SHIFT + 1) | rule;
}

/* Bits above `shift` in which two words differ. */
static __always_inline __u64 xg_prefix_differs(__u32 a, __u32 b, __u64 shift)
{
	return (__u64)(a ^ b) >> (shift & XG_LEAF_PREFIX_MASK);
}

/* Ends a scan with what it found. */
static __always_inline int xg_scan_end(struct xg_scan *scan, __u64 found)
{
	scan->at = found;
	return XG_SCAN_END;
}

/* Looks at one leaf record. */
static __always_inline int xg_scan_record(struct xg_scan *scan,
					  const void *image)
{
	const struct xg_leaf *leaf = xg_at(image, scan->at);
	const struct xg_header *h = image;
	const struct xg_key *key = scan->key;
	const struct xg_service *s;
	__u64 meta, differ;
	__u32 rule;

	if (!leaf)
		return xg_scan_end(scan, XG_NOT_FOUND);
	meta = leaf->meta;
	s = xg_at(image, h->services_off +
			 (meta >> XG_LEAF_SERVICE_SHIFT &
			  XG_LEAF_SERVICE_MASK) * sizeof(*s));
	if (!s)
		return xg_scan_end(scan, XG_NOT_FOUND);
	rule = meta & XG_LEAF_RULE_MASK;
	if (rule >= scan->limit)
		return xg_scan_end(scan, XG_NOT_FOUND);
	differ = xg_prefix_differs(key->word[XG_W_SRC], leaf->src,
				   meta >> XG_LEAF_SRC_SHIFT);
	differ |= xg_prefix_differs(key->word[XG_W_DST], leaf->dst,
				    meta >> XG_LEAF_DST_SHIFT);
	differ |= xg_service_differs(key, s);
	if (!differ && rule >= scan->floor &&
	    (!(xg_features & XG_HAS_TESTS) || !s->tests ||
	     xg_tests_pass(scan->ctx, key, image, s->tests)))
		return xg_scan_end(scan, xg_found(meta, rule));
	if (meta & XG_LEAF_LAST)
		return xg_scan_end(scan, XG_NOT_FOUND);
	scan->at += sizeof(*leaf);
	return XG_SCAN_ON;
}

static long xg_scan_step(__u32 index, void *data)
{
	const void *image = xg_image();

	(void)index;
	return !image || xg_scan_record(data, image) == XG_SCAN_END;
}

/* Looks at up to `most` records from scan->at on. XG_SCAN_ON: there are
 * more. */
static __always_inline int xg_scan_records(struct xg_scan *scan,
					   const void *image, __u32 most)
{
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < most; i++)
		if (xg_scan_record(scan, image) == XG_SCAN_END)
			return XG_SCAN_END;
	return XG_SCAN_ON;
}

/* One cut: the node that the key leads to; 0 (an empty leaf) on a bad image.
 * `node` is a cut or an extended node. */
static __always_inline __u32 xg_cut_step(const struct xg_key *key,
					 const void *image, __u64 nodes,
					 __u32 node)
{
	__u32 bits = node >> XG_NODE_BITS_SHIFT;
	__u64 child = node & XG_NODE_CHILD_MASK;
	__u32 index;
	const __u32 *next;

	if (bits) {
		index = key->word[node >> XG_NODE_WORD_SHIFT & 3] >>
			(node >> XG_NODE_SHIFT_SHIFT & 31);
	} else {
		const struct xg_cut *cut;
		__u64 word;

		cut = xg_at(image, nodes + 16ull * (node & XG_NODE_ARG_MASK));
		if (!cut)
			return 0;
		word = cut->word;
		if (word >= XG_WORDS)
			return 0;
		index = key->word[xg_opaque(word) & 31] >> (cut->shift & 31);
		bits = cut->bits & 15;
		child = cut->child;
	}
	index &= (1u << bits) - 1;
	next = xg_at(image, nodes + 16 * child + 4ull * index);
	return next ? *next : 0;
}

/* Whether a node is a leaf: no bits to cut, and not an extended node. */
static __always_inline int xg_is_leaf(__u32 node)
{
	return node >> XG_NODE_WORD_SHIFT == XG_NODE_LEAF;
}

/* Walks up to `most` cuts down from the node `root`; a node that is no leaf:
 * there are more. */
static __always_inline __u32 xg_descend(const struct xg_key *key,
					const struct xg_header *h, __u32 root,
					__u32 most)
{
	__u64 nodes = h->nodes_off;
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < most && !xg_is_leaf(root); i++)
		root = xg_cut_step(key, h, nodes, root);
	return root;
}

static __always_inline __u64 xg_leaf_off(const struct xg_header *h, __u32 leaf)
{
	return h->leaves_off + (__u64)leaf * sizeof(struct xg_leaf);
}

/* The first rule in [floor, limit) that matches `key` below the node `root`
 * (with XG_FOUND_LATER), XG_NOT_FOUND where none does. */
__noinline __u64 xg_search(xg_ctx *ctx, const struct xg_key *key, __u32 root,
			   __u32 floor, __u32 limit)
{
	struct xg_scan scan = {.ctx = ctx, .key = key, .floor = floor,
			       .limit = limit};
	const struct xg_header *h = xg_image();

	if (!h || !key)
		return XG_NOT_FOUND;
	root = xg_descend(key, h, root, XG_MAX_DEPTH);
	if (!xg_is_leaf(root) || !root)
		return XG_NOT_FOUND;
	scan.at = xg_leaf_off(h, root);
	if (xg_scan_records(&scan, h, XG_LEAF_INLINE) == XG_SCAN_END)
		return scan.at;
	if (!(xg_features & XG_HAS_LONG))
		return XG_NOT_FOUND;
	xg_loop(XG_LEAF_MAX, xg_scan_step, &scan);
	return scan.at;
}

/* What most searches need of xg_search(), in line: on CPUs whose returns are
 * guarded against speculation (AMD's safe RET) a call costs as much as a tree.
 * The bounds keep what the verifier walks small. */
#define XG_NEAR_CUTS 6
#define XG_NEAR_RECORDS 4

static __always_inline __u64 xg_search_near(xg_ctx *ctx,
					    const struct xg_key *key,
					    const struct xg_header *h,
					    __u32 root, __u32 floor,
					    __u32 limit)
{
	struct xg_scan scan = {.ctx = ctx, .key = key, .floor = floor,
			       .limit = limit};
	__u32 node = xg_descend(key, h, root, XG_NEAR_CUTS);

	if (!node)
		return XG_NOT_FOUND;
	if (xg_is_leaf(node)) {
		scan.at = xg_leaf_off(h, node);
		if (xg_scan_records(&scan, h, XG_NEAR_RECORDS) == XG_SCAN_END)
			return scan.at;
		node += XG_NEAR_RECORDS; /* the rest of it, as a leaf */
	}
	return xg_search(ctx, key, node, floor, limit);
}

/* How to search a tree: in line as far as that goes, or by a call. */
enum xg_reach { XG_NEAR, XG_FAR };

/* The first rule from `floor` on that matches, over all trees; XG_NO_RULE where
 * none does. Visits only the trees that no record found so far rules out. */
static __always_inline __u32 xg_first(xg_ctx *ctx, const struct xg_key *key,
				      const struct xg_header *h, __u32 floor,
				      enum xg_reach reach)
{
	__u64 later = XG_FOUND_LATER >> XG_FOUND_LATER_SHIFT;
	__u32 i, kind = key->kind, best = XG_NO_RULE;

	if (kind >= XG_KINDS)
		return best;
#pragma clang loop unroll(disable)
	for (i = 0; i < XG_MAX_GROUPS; i++) {
		const struct xg_group *group = &h->group[kind][i];
		__u64 found;

		if (i >= h->group_count[kind] || !(later >> i) ||
		    group->first >= best)
			return best;
		if (!(later >> i & 1))
			continue;
		found = reach == XG_NEAR ?
				xg_search_near(ctx, key, h, group->root, floor,
					       best) :
				xg_search(ctx, key, group->root, floor, best);
		if ((__u32)found < best)
			best = found;
		later &= found >> XG_FOUND_LATER_SHIFT;
	}
	return best;
}

/* The number of the row of the sets that hold the address hi:lo. */
static __always_inline __u32 xg_find_row(const struct xg_header *h, __u32 kind,
					 __u64 hi, __u64 lo)
{
	__u32 off;

	if (kind >= XG_KINDS)
		return 0;
	off = xg_features & XG_HAS_FILTER ? h->filter_off[kind] : 0;
	if (off && !xg_bit(h, off, xg_filter_bit(kind, hi)))
		return h->filter_row[kind];
	return xg_trie_find_near(h, hi, lo, h->set_root[kind]);
}

/* Which sets hold one address: the number of its row, and the row's first
 * word. */
static __always_inline void xg_find_sets(struct xg_key *key,
					 const struct xg_header *h, __u32 side)
{
	const __u32 *word;
	__u32 row;

	row = xg_find_row(h, key->kind, side ? key->dst_hi : key->src_hi,
			  side ? key->dst_lo : key->src_lo);
	key->word[XG_W_SRC_ROW + side] = row;
	word = xg_at(h, h->rows_off + (__u64)row * h->row_words * 4);
	if (word)
		key->word[XG_W_SRC_SETS + side] = *word;
}

/* Fills in what the image knows of the addresses of an IP packet, as far as a
 * rule asks for it: the stand-ins of IPv6 addresses, and their sets. */
static __always_inline void xg_find_addresses(struct xg_key *key,
					      const struct xg_header *h)
{
	if (key->kind == XG_KIND_OTHER)
		return;
	if (key->kind == XG_KIND_IPV6 && xg_features & XG_HAS_SRC_CODES)
		key->word[XG_W_SRC] = xg_trie_find_near(h, key->src_hi,
							key->src_lo,
							h->code_root);
	if (key->kind == XG_KIND_IPV6 && xg_features & XG_HAS_DST_CODES)
		key->word[XG_W_DST] = xg_trie_find_near(h, key->dst_hi,
							key->dst_lo,
							h->code_root);
	if (xg_features & XG_HAS_SRC_SETS)
		xg_find_sets(key, h, 0);
	if (xg_features & XG_HAS_DST_SETS)
		xg_find_sets(key, h, 1);
}

struct xg_walk {
	xg_ctx *ctx;
	const struct xg_key *key;
	__u64 bytes;
	__u32 rule;	/* matched last */
	__u32 action;	/* of that rule, for this packet */
};

/* Counts a match of a count rule and goes on behind it. */
static long xg_walk_step(__u32 index, void *data)
{
	const void *image = xg_image();
	struct xg_walk *walk = data;

	(void)index;
	if (!image || walk->rule == XG_NO_RULE)
		return 1;
	walk->action = xg_decide(walk->key, image, walk->rule, walk->bytes);
	if (walk->action != XG_COUNT)
		return 1;
	xg_count(XG_SLOT_RULE + walk->rule, walk->bytes);
	if (xg_watched())
		xg_report(walk->ctx, walk->key, walk->rule, XG_COUNT);
	walk->rule = xg_first(walk->ctx, walk->key, image, walk->rule + 1,
			      XG_FAR);
	return 0;
}

/* The first rule that decides about the packet of `key`, `bytes` long, and in
 * `action` what it says (enum xg_verdict); XG_NO_RULE where none does. Counts
 * the count rules met on the way: where `deep`, a constant, is 0, there are
 * none (6.1's verifier counts the stack of calls that are never made, too). */
static __always_inline __u32 xg_classify(xg_ctx *ctx, struct xg_key *key,
					 const void *image, __u64 bytes,
					 __u32 *action, int deep)
{
	__u32 rule;

	xg_find_addresses(key, image);
	rule = xg_first(ctx, key, image, 0, XG_NEAR);
	if (deep && xg_features & XG_HAS_COUNT) {
		struct xg_walk walk = {.ctx = ctx, .key = key, .bytes = bytes,
				       .rule = rule, .action = XG_DROP};

		xg_loop(XG_LEAF_MAX, xg_walk_step, &walk);
		*action = walk.action;
		return walk.rule;
	}
	*action = rule == XG_NO_RULE ? XG_DROP :
				       xg_decide(key, image, rule, bytes);
	return rule;
}

#endif
