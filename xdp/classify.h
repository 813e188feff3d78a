/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which rule decides: walks the cut trees of the image with the key that the
 * reader made. One source for BPF and for the host; no rule count, no tree
 * depth and no list length of a policy changes what the verifier sees.
 *
 * xg_search(), xg_tests_hold() and xg_find_addresses() are global BPF
 * functions: the verifier checks each once, for any arguments, instead of once
 * a call and once for all that it knows of a key there. They look the image up
 * again since a global function cannot take a map value.
 */
#ifndef XG_CLASSIFY_H
#define XG_CLASSIFY_H

#include "xdp/image.h"
#include "xdp/frame.h"
#include "xdp/loop.h"
#include "xdp/trie.h"
#include "xdp/dynamic.h"
#include "xdp/act.h"
#include "xdp/effect.h"
#include "xdp/rule.h"

static __always_inline __u32 xg_bit(const void *image, __u64 off, __u32 bit)
{
	const __u32 *word = xg_at(image, off + (__u64)(bit >> 5) * 4);

	return word ? *word >> (bit & 31) & 1 : 0;
}

/* Whether address class `number` is in set `set`. */
static __always_inline __u32 xg_in_set(const void *image, __u32 number,
				       __u32 set)
{
	const struct xg_header *h = image;
	const struct xg_address *a;

	a = xg_at(image, h->addresses_off + (__u64)number * sizeof(*a));
	if (!a)
		return 0;
	return xg_bit(image, h->rows_off + (__u64)a->row * h->row_words * 4,
		      set);
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
		field = key->word[test->word == XG_W_DST_CLASS ?
				  XG_W_DST_CLASS : XG_W_SRC_CLASS];
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
	__u64 off;	/* of the record to look at */
	__u32 floor;	/* rules below are not asked for */
	__u32 limit;	/* nor this one and those behind */
	__u64 found;	/* the rule, with XG_FOUND_FINAL; or XG_NO_RULE */
};

/* Set beside a rule that no tree behind can beat. */
#define XG_FOUND_FINAL (1ull << 32)

/* Bits above `shift` in which two words differ. */
static __always_inline __u64 xg_prefix_differs(__u32 a, __u32 b, __u64 shift)
{
	return (__u64)(a ^ b) >> (shift & XG_LEAF_PREFIX_MASK);
}

/* Looks at one leaf record: sets scan->found where it matches. */
static __always_inline int xg_scan_record(struct xg_scan *scan,
					  const void *image)
{
	const struct xg_leaf *leaf = xg_at(image, scan->off);
	const struct xg_header *h = image;
	const struct xg_key *key = scan->key;
	const struct xg_service *s;
	__u64 meta, differ;
	__u32 rule;

	if (!leaf)
		return XG_SCAN_END;
	meta = leaf->meta;
	s = xg_at(image, h->services_off +
			 (meta >> XG_LEAF_SERVICE_SHIFT &
			  XG_LEAF_SERVICE_MASK) * sizeof(*s));
	if (!s)
		return XG_SCAN_END;
	rule = meta & XG_LEAF_RULE_MASK;
	if (rule >= scan->limit)
		return XG_SCAN_END;
	differ = xg_prefix_differs(key->word[XG_W_SRC], leaf->src,
				   meta >> XG_LEAF_SRC_SHIFT);
	differ |= xg_prefix_differs(key->word[XG_W_DST], leaf->dst,
				    meta >> XG_LEAF_DST_SHIFT);
	differ |= xg_service_differs(key, s);
	if (!differ && rule >= scan->floor &&
	    (!(xg_features & XG_HAS_TESTS) || !s->tests ||
	     xg_tests_hold(scan->ctx, key, s->tests))) {
		scan->found = rule;
		if (meta & XG_LEAF_FINAL)
			scan->found |= XG_FOUND_FINAL;
		return XG_SCAN_END;
	}
	scan->off += sizeof(*leaf);
	return meta & XG_LEAF_LAST ? XG_SCAN_END : XG_SCAN_ON;
}

static long xg_scan_step(__u32 index, void *data)
{
	const void *image = xg_image();

	(void)index;
	return !image || xg_scan_record(data, image) == XG_SCAN_END;
}

/* The rest of a long leaf, from the record at `off` on. A function of its own,
 * for whose sake alone the scan has to lie in memory. */
__noinline __u64 xg_scan_long(xg_ctx *ctx, const struct xg_key *key, __u64 off,
			      __u32 floor, __u32 limit)
{
	struct xg_scan scan = {.ctx = ctx, .key = key, .off = off,
			       .floor = floor, .limit = limit,
			       .found = XG_NO_RULE};

	if (key)
		xg_loop(XG_LEAF_MAX, xg_scan_step, &scan);
	return scan.found;
}

/* The first rule in [floor, limit) of the leaf at scan->off that matches. */
static __always_inline __u64 xg_scan_leaf(struct xg_scan *scan,
					  const void *image)
{
	__u32 i;

	for (i = 0; i < XG_LEAF_INLINE; i++)
		if (xg_scan_record(scan, image) == XG_SCAN_END)
			return scan->found;
	if (!(xg_features & XG_HAS_LONG))
		return XG_NO_RULE;
	return xg_scan_long(scan->ctx, scan->key, scan->off, scan->floor,
			    scan->limit);
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

/* The first rule in [floor, limit) that matches `key` in the tree at `root`
 * (with XG_FOUND_FINAL), XG_NO_RULE where none does. */
static __always_inline __u64 xg_search_tree(xg_ctx *ctx,
					    const struct xg_key *key,
					    const void *image, __u32 root,
					    __u32 floor, __u32 limit)
{
	const struct xg_header *h = image;
	struct xg_scan scan = {.ctx = ctx, .key = key, .floor = floor,
			       .limit = limit, .found = XG_NO_RULE};
	__u64 nodes = h->nodes_off;
	__u32 i;

	for (i = 0; i < XG_MAX_DEPTH && !xg_is_leaf(root); i++)
		root = xg_cut_step(key, image, nodes, root);
	if (!xg_is_leaf(root) || !root)
		return XG_NO_RULE;
	scan.off = h->leaves_off + (__u64)root * sizeof(struct xg_leaf);
	return xg_scan_leaf(&scan, image);
}

/* xg_search_tree() as a function that the verifier looks at once. */
__noinline __u64 xg_search(xg_ctx *ctx, const struct xg_key *key, __u32 root,
			   __u32 floor, __u32 limit)
{
	const void *image = xg_image();

	if (!image || !key)
		return XG_NO_RULE;
	return xg_search_tree(ctx, key, image, root, floor, limit);
}

/* The first rule in [floor, found) that matches, over the trees from number
 * `from` on; `found` where none does. */
static __always_inline __u32 xg_search_from(xg_ctx *ctx,
					    const struct xg_key *key,
					    const struct xg_header *h,
					    __u32 from, __u32 floor,
					    __u64 found)
{
	__u32 i, kind = key->kind, best = XG_NO_RULE;

	if (kind >= XG_KINDS)
		return best;
	for (i = from; i < XG_MAX_GROUPS; i++) {
		const struct xg_group *group = &h->group[kind][i];

		if ((__u32)found < best)
			best = found;
		if (found & XG_FOUND_FINAL || i >= h->group_count[kind] ||
		    group->first >= best)
			return best;
		found = xg_search(ctx, key, group->root, floor, best);
	}
	return (__u32)found < best ? (__u32)found : best;
}

/* The first rule that matches, over all trees; XG_NO_RULE where none does. The
 * first tree, where most searches end, is searched in line. */
static __always_inline __u32 xg_first(xg_ctx *ctx, const struct xg_key *key,
				      const struct xg_header *h)
{
	__u32 kind = key->kind;
	__u64 found;

	if (kind >= XG_KINDS || !h->group_count[kind])
		return XG_NO_RULE;
	found = xg_search_tree(ctx, key, h, h->group[kind][0].root, 0,
			       XG_NO_RULE);
	return xg_search_from(ctx, key, h, 1, 0, found);
}

/* The class of one address: its stand-in (IPv6), and the sets that hold it. */
static __always_inline void xg_address_class(struct xg_key *key,
					     const void *image, __u32 side)
{
	const struct xg_header *h = image;
	const struct xg_address *a;
	const __u32 *row;
	__u32 number, kind = key->kind;

	if (kind >= XG_KINDS)
		return;
	number = xg_trie_find(image, h->tries_off, h->trie_root[kind],
			      side ? key->dst_hi : key->src_hi,
			      side ? key->dst_lo : key->src_lo);
	key->word[XG_W_SRC_CLASS + side] = number;
	a = xg_at(image, h->addresses_off + (__u64)number * sizeof(*a));
	if (!a)
		return;
	if (kind == XG_KIND_IPV6)
		key->word[XG_W_SRC + side] = a->code;
	row = xg_at(image, h->rows_off + (__u64)a->row * h->row_words * 4);
	if (row)
		key->word[XG_W_SRC_SETS + side] = *row;
}

/* Fills in what the image knows of the addresses; always 0, since a global
 * function has to return something. */
__noinline int xg_find_addresses(struct xg_key *key)
{
	const void *image = xg_image();

	if (!image || !key)
		return 0;
	xg_address_class(key, image, 0);
	xg_address_class(key, image, 1);
	return 0;
}

/* Whether a packet of this kind can meet a rule that asks for more of an
 * address than its key's word says. */
static __always_inline int xg_wants_addresses(const struct xg_key *key)
{
	if (key->kind == XG_KIND_IPV4)
		return !!(xg_features & XG_HAS_SETS);
	if (key->kind == XG_KIND_IPV6)
		return !!(xg_features & (XG_HAS_SETS | XG_HAS_CODES));
	return 0;
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
	walk->rule = xg_search_from(walk->ctx, walk->key, image, 0,
				    walk->rule + 1, XG_NO_RULE);
	return 0;
}

/* The first rule that decides about the packet of `key`, `bytes` long, and in
 * `action` what it says (enum xg_verdict); XG_NO_RULE where none does. Counts
 * the count rules met on the way. */
static __always_inline __u32 xg_classify(xg_ctx *ctx, struct xg_key *key,
					 const void *image, __u64 bytes,
					 __u32 *action)
{
	struct xg_walk walk = {.ctx = ctx, .key = key, .bytes = bytes,
			       .action = XG_DROP};

	if (xg_wants_addresses(key))
		xg_find_addresses(key);
	walk.rule = xg_first(ctx, key, image);
	if (xg_features & XG_HAS_COUNT)
		xg_loop(XG_LEAF_MAX, xg_walk_step, &walk);
	else if (walk.rule != XG_NO_RULE)
		walk.action = xg_decide(key, image, walk.rule, bytes);
	*action = walk.action;
	return walk.rule;
}

#endif
