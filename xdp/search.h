/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first rule that matches a key: walks the cut trees of the image and scans
 * the leaves that it comes to. Included by the classifier.
 */
#ifndef XG_SEARCH_H
#define XG_SEARCH_H

#include "xdp/tests.h"
#include "xdp/loop.h"

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

/* The first rule from `floor` on that matches, over all trees; where none does
 * the rule that takes what is left, or XG_NO_RULE. Visits only the trees that no record found so far rules out. */
static __always_inline __u32 xg_first(xg_ctx *ctx, const struct xg_key *key,
				      const struct xg_header *h, __u32 floor,
				      enum xg_reach reach)
{
	__u64 later = XG_FOUND_LATER >> XG_FOUND_LATER_SHIFT;
	__u32 i, best, kind = key->kind;

	if (kind >= XG_KINDS)
		return XG_NO_RULE;
	best = h->fallback[kind];
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

#endif
