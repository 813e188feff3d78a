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
#include "xdp/act.h"

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

static __always_inline int xg_service_holds(xg_ctx *ctx,
					    const struct xg_key *key,
					    const void *image, __u32 number)
{
	const struct xg_header *h = image;
	const struct xg_service *s;
	__u32 ports = key->word[XG_W_PORTS];
	__u32 src = ports >> 16, dst = ports & 0xffff;

	s = xg_at(image, h->services_off + (__u64)number * sizeof(*s));
	if (!s)
		return 0;
	if (((key->word[XG_W_PROTO] & s->proto_mask) ^ s->proto_value) |
	    ((key->word[XG_W_L4] & s->l4_mask) ^ s->l4_value))
		return 0;
	if (dst < s->dst_port_lo || dst > s->dst_port_hi ||
	    src < s->src_port_lo || src > s->src_port_hi)
		return 0;
	if (!(xg_features & XG_HAS_TESTS) || !s->tests)
		return 1;
	return xg_tests_hold(ctx, key, s->tests);
}

enum xg_scan_state { XG_SCAN_ON, XG_SCAN_END };

struct xg_scan {
	xg_ctx *ctx;
	const struct xg_key *key;
	__u64 off;	/* of the record to look at */
	__u32 floor;	/* rules below are not asked for */
	__u32 limit;	/* nor this one and those behind */
	__u32 rule;	/* found */
};

/* Looks at one leaf record: sets scan->rule where it matches. */
static __always_inline int xg_scan_record(struct xg_scan *scan,
					  const void *image)
{
	const struct xg_leaf *leaf = xg_at(image, scan->off);
	const struct xg_key *key = scan->key;
	__u64 meta, differ;
	__u32 rule;

	if (!leaf)
		return XG_SCAN_END;
	meta = leaf->meta;
	rule = meta & XG_LEAF_RULE_MASK;
	if (rule >= scan->limit)
		return XG_SCAN_END;
	differ = (__u64)(key->word[XG_W_SRC] ^ leaf->src) >>
		 (meta >> XG_LEAF_SRC_SHIFT & XG_LEAF_PREFIX_MASK);
	differ |= (__u64)(key->word[XG_W_DST] ^ leaf->dst) >>
		  (meta >> XG_LEAF_DST_SHIFT & XG_LEAF_PREFIX_MASK);
	if (!differ && rule >= scan->floor &&
	    xg_service_holds(scan->ctx, key, image,
			     meta >> XG_LEAF_SERVICE_SHIFT &
			     XG_LEAF_SERVICE_MASK)) {
		scan->rule = rule;
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

/* The first rule in [floor, limit) of the leaf at `off` that matches. */
static __always_inline __u32 xg_scan_leaf(struct xg_scan *scan,
					  const void *image)
{
	__u32 i;

	for (i = 0; i < XG_LEAF_INLINE; i++)
		if (xg_scan_record(scan, image) == XG_SCAN_END)
			return scan->rule;
	if (xg_features & XG_HAS_LONG)
		xg_loop(XG_LEAF_MAX, xg_scan_step, scan);
	return scan->rule;
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

/* The first rule in [floor, limit) that matches `key` in the tree at `root`,
 * XG_NO_RULE where none does. */
__noinline __u32 xg_search(xg_ctx *ctx, const struct xg_key *key, __u32 root,
			   __u32 floor, __u32 limit)
{
	const void *image = xg_image();
	const struct xg_header *h = image;
	struct xg_scan scan = {.ctx = ctx, .key = key, .floor = floor,
			       .limit = limit, .rule = XG_NO_RULE};
	__u64 nodes;
	__u32 i;

	if (!image || !key)
		return XG_NO_RULE;
	nodes = h->nodes_off;
	for (i = 0; i < XG_MAX_DEPTH && !xg_is_leaf(root); i++)
		root = xg_cut_step(key, image, nodes, root);
	if (!xg_is_leaf(root) || !root)
		return XG_NO_RULE;
	scan.off = h->leaves_off + (__u64)root * sizeof(struct xg_leaf);
	return xg_scan_leaf(&scan, image);
}

/* The first rule at or behind `floor` that matches, over all trees. */
static __always_inline __u32 xg_first(xg_ctx *ctx, const struct xg_key *key,
				      const struct xg_header *h, __u32 floor)
{
	__u32 best = XG_NO_RULE;
	__u32 i, kind = key->kind;

	if (kind >= XG_KINDS)
		return XG_NO_RULE;
	for (i = 0; i < XG_MAX_GROUPS; i++) {
		const struct xg_group *group = &h->group[kind][i];
		__u32 rule;

		if (i >= h->group_count[kind] || group->first >= best)
			break;
		rule = xg_search(ctx, key, group->root, floor, best);
		if (rule < best)
			best = rule;
	}
	return best;
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

static __always_inline __u32 xg_action(const void *image, __u32 number)
{
	const struct xg_header *h = image;
	const struct xg_rule *rule;

	rule = xg_at(image, h->rules_off + (__u64)number * sizeof(*rule));
	return rule ? rule->action : XG_DROP;
}

struct xg_walk {
	xg_ctx *ctx;
	const struct xg_key *key;
	__u64 bytes;
	__u32 rule;	/* matched last */
};

/* Counts a match of a count rule and goes on behind it. */
static long xg_walk_step(__u32 index, void *data)
{
	const void *image = xg_image();
	struct xg_walk *walk = data;

	(void)index;
	if (!image || walk->rule == XG_NO_RULE ||
	    xg_action(image, walk->rule) != XG_COUNT)
		return 1;
	xg_count(XG_SLOT_RULE + walk->rule, walk->bytes);
	walk->rule = xg_first(walk->ctx, walk->key, image, walk->rule + 1);
	return 0;
}

/* The first rule that decides about the packet of `key`, `bytes` long;
 * XG_NO_RULE where none does. Counts the count rules met on the way. */
static __always_inline __u32 xg_classify(xg_ctx *ctx, struct xg_key *key,
					 const void *image, __u64 bytes)
{
	struct xg_walk walk = {.ctx = ctx, .key = key, .bytes = bytes};

	if (xg_wants_addresses(key))
		xg_find_addresses(key);
	walk.rule = xg_first(ctx, key, image, 0);
	if (xg_features & XG_HAS_COUNT)
		xg_loop(XG_LEAF_MAX, xg_walk_step, &walk);
	return walk.rule;
}

#endif
