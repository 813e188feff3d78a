/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the image knows of the addresses of a packet: the stand-ins of IPv6
 * addresses, and the sets that hold them. Included by the classifier.
 */
#ifndef XG_ADDRESSES_H
#define XG_ADDRESSES_H

#include "xdp/trie.h"

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

#endif
