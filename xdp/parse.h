/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a packet into a lookup key: docs/architecture.md, "How a packet is
 * read", is the specification, and the order of checks here is the order
 * there. One function a header. Included by the XDP program and by the native
 * engine; looks nothing up and judges nothing.
 *
 * The one bounds idiom: h = xg_next_header(r, size), which is NULL where the
 * packet ends before the header does.
 *
 * The reader exists twice: once it reads headers in place, without a call; if
 * a frame in several buffers has a header that is not in the first, the frame
 * is read again with every header copied. So the common case pays nothing for
 * the rare one, and the verifier need not follow both through each other.
 * Readers load a number only at a multiple of its size from a header's start:
 * the verifier wants that of the copy, which is on the stack.
 */
#ifndef XG_PARSE_H
#define XG_PARSE_H

#include "xdp/frame.h"

#define XG_ETHER_SIZE 14
#define XG_TAG_SIZE 4
#define XG_IPV4_SIZE 20
#define XG_IPV6_SIZE 40
#define XG_EXTENSION_SIZE 8 /* the least that any of them has */
#define XG_TCP_SIZE 20
#define XG_UDP_SIZE 8
#define XG_ICMP_SIZE 8
#define XG_ICMPV6_SIZE 4
#define XG_SCTP_SIZE 12
#define XG_DCCP_SIZE 12
#define XG_HEADER_MAX XG_IPV6_SIZE

enum xg_ethertype {
	XG_ETHER_IPV4 = 0x0800,
	XG_ETHER_TAG = 0x8100,	   /* 802.1Q */
	XG_ETHER_IPV6 = 0x86dd,
	XG_ETHER_SERVICE = 0x88a8, /* 802.1ad */
	XG_ETHER_OLD_QINQ = 0x9100,
};

enum xg_protocol {
	XG_IP_HOP_BY_HOP = 0,
	XG_IP_ICMP = 1,
	XG_IP_TCP = 6,
	XG_IP_UDP = 17,
	XG_IP_DCCP = 33,
	XG_IP_ROUTING = 43,
	XG_IP_FRAGMENT = 44,
	XG_IP_AH = 51,
	XG_IP_ICMPV6 = 58,
	XG_IP_DESTINATION = 60,
	XG_IP_SCTP = 132,
	XG_IP_MOBILITY = 135,
	XG_IP_UDPLITE = 136,
	XG_IP_HIP = 139,
	XG_IP_SHIM6 = 140,
};

/* Where the reader is. Its members become registers: it is never passed to
 * code that is not inlined. */
struct xg_reader {
	xg_ctx *ctx;
	struct xg_key *key;
	void *copy;	/* where headers are copied to; NULL: read in place */
	__u32 off;	/* of the next header; never beyond end */
	__u32 end;	/* of the packet, as far as is known */
	__u32 next;	/* the next header's ethertype, then its protocol */
	__u32 flags;	/* what XG_W_PROTO will be */
	__u32 missed;	/* 1: a header is there, but not in place */
	__u32 zero;	/* 0, but the verifier does not know */
};

static __always_inline __u32 xg_left(const struct xg_reader *r)
{
	return r->end - r->off;
}

static __always_inline const void *xg_next_header(struct xg_reader *r,
						  __u32 size)
{
	const void *header;

	if (xg_left(r) < size)
		return 0;
	if (r->copy)
		return xg_frame_copy(r->ctx, r->off, r->copy, size) ? 0
								    : r->copy;
	header = xg_in_place(r->ctx, r->off, size);
	if (!header)
		r->missed = 1;
	return header;
}

/* ---- link layer ---- */

static __always_inline void xg_note_macs(struct xg_key *key, const void *ether)
{
	key->word[XG_W_DMAC] = xg_be32(ether, 0);
	key->word[XG_W_SMAC] = xg_be16(ether, 6) << 16 | xg_be16(ether, 8);
	key->word[XG_W_MACS] = xg_be16(ether, 10) << 16 | xg_be16(ether, 4);
}

static __always_inline __u32 xg_read_ether(struct xg_reader *r, __u32 features)
{
	const void *ether = xg_next_header(r, XG_ETHER_SIZE);

	if (!ether)
		return XG_CLASS_ETHER_SHORT;
	if (features & XG_HAS_MACS)
		xg_note_macs(r->key, ether);
	r->next = xg_be16(ether, 12);
	r->off = XG_ETHER_SIZE;
	return XG_CLASS_OK;
}

static __always_inline int xg_is_tag(__u32 ethertype)
{
	return ethertype == XG_ETHER_TAG || ethertype == XG_ETHER_SERVICE ||
	       ethertype == XG_ETHER_OLD_QINQ;
}

/* `depth`: how many tags came before this one. */
static __always_inline __u32 xg_read_tag(struct xg_reader *r, __u32 depth)
{
	const void *tag = xg_next_header(r, XG_TAG_SIZE);

	if (!tag)
		return XG_CLASS_VLAN_SHORT;
	if (depth == 0) {
		r->key->word[XG_W_VLAN] = xg_be16(tag, 0) & 0xfff;
		r->flags |= XG_F_TAG1;
	} else if (depth == 1) {
		r->key->word[XG_W_VLAN] |= (xg_be16(tag, 0) & 0xfff) << 12;
		r->flags |= XG_F_TAG2;
	}
	r->next = xg_be16(tag, 2);
	r->off += XG_TAG_SIZE;
	return XG_CLASS_OK;
}

static __always_inline __u32 xg_read_tags(struct xg_reader *r)
{
	__u32 depth, class;

	for (depth = 0; depth < XG_MAX_TAGS; depth++) {
		class = xg_read_tag(r, depth);
		if (class)
			return class;
		if (!xg_is_tag(r->next))
			break;
	}
	/* or all that follows is verified once for each number of tags */
	r->off = xg_forget(r->off);
	return xg_is_tag(r->next) ? XG_CLASS_VLAN_DEPTH : XG_CLASS_OK;
}

static __always_inline __u32 xg_read_link(struct xg_reader *r, __u32 features)
{
	__u32 class = xg_read_ether(r, features);

	if (class == XG_CLASS_OK && xg_is_tag(r->next))
		class = xg_read_tags(r);
	if (class)
		return class;
	r->key->word[XG_W_ETHER] = r->next;
	r->flags |= XG_F_ETHERTYPE;
	return XG_CLASS_OK;
}

/* What a fragment's offset (13 bits) and its "more" bit (0, 1) say. Without
 * branches, here and below: the verifier would follow each of their outcomes
 * to the end, and a branch that a sender chooses is a mispredicted one. */
static __always_inline __u32 xg_fragment_flags(__u32 offset, __u32 more)
{
	__u32 later = (offset + 0x1fff) >> 13; /* 1 unless offset is 0 */

	return later * XG_F_FRAG_LATER | (more & ~later) * XG_F_FRAG_FIRST;
}

/* ---- IPv4 ---- */

static __always_inline void xg_note_ipv4(struct xg_reader *r, const void *ip)
{
	struct xg_key *key = r->key;
	__u32 fragment = xg_be16(ip, 6);

	key->word[XG_W_SRC] = xg_be32(ip, 12);
	key->word[XG_W_DST] = xg_be32(ip, 16);
	key->src_hi = (__u64)key->word[XG_W_SRC] << 32;
	key->dst_hi = (__u64)key->word[XG_W_DST] << 32;
	key->word[XG_W_IP] = xg_byte(ip, 8) << 8 | xg_byte(ip, 1);
	key->base[XG_BASE_IP] = r->off + r->zero;
	r->next = xg_byte(ip, 9);
	r->flags |= XG_F_IPV4 | XG_F_PROTO | r->next;
	r->flags |= xg_fragment_flags(fragment & 0x1fff, fragment >> 13 & 1);
}

/* RFC 791. A total length of 0 is what large segments have, whose size the
 * field cannot hold: they fill the frame. */
static __always_inline __u32 xg_read_ipv4(struct xg_reader *r)
{
	const void *ip = xg_next_header(r, XG_IPV4_SIZE);
	__u32 size, length, left = xg_left(r);

	if (!ip)
		return XG_CLASS_IPV4_SHORT;
	if (xg_byte(ip, 0) >> 4 != 4)
		return XG_CLASS_IPV4_VERSION;
	size = (xg_byte(ip, 0) & 15) * 4;
	if (size < XG_IPV4_SIZE)
		return XG_CLASS_IPV4_IHL;
	xg_note_ipv4(r, ip);
	r->flags |= ((size + 40) >> 6) * XG_F_OPTIONS; /* from size 24 */
	length = xg_be16(ip, 2);
	if (length == 0)
		length = left;
	r->key->word[XG_W_LENGTH] =
		length < XG_LENGTH_MAX ? length : XG_LENGTH_MAX;
	if (left < size)
		return XG_CLASS_IPV4_SHORT;
	if (length < size || length > left)
		return XG_CLASS_IPV4_LENGTH;
	r->end = r->off + length;
	r->off += size;
	return XG_CLASS_OK;
}

/* ---- IPv6 ---- */

static __always_inline void xg_note_ipv6(struct xg_reader *r, const void *ip)
{
	struct xg_key *key = r->key;

	key->src_hi = xg_be64(ip, 8);
	key->src_lo = xg_be64(ip, 16);
	key->dst_hi = xg_be64(ip, 24);
	key->dst_lo = xg_be64(ip, 32);
	key->word[XG_W_IP] = xg_byte(ip, 7) << 8 |
			     (xg_be32(ip, 0) >> 20 & 0xff);
	key->base[XG_BASE_IP] = r->off + r->zero;
	r->next = xg_byte(ip, 6);
	r->flags |= XG_F_IPV6;
}

#define XG_BIT(number) (1ull << ((number) & 63))

static __always_inline int xg_is_extension(__u32 protocol)
{
	const __u64 below_64 = XG_BIT(XG_IP_HOP_BY_HOP) |
			       XG_BIT(XG_IP_ROUTING) | XG_BIT(XG_IP_FRAGMENT) |
			       XG_BIT(XG_IP_AH) | XG_BIT(XG_IP_DESTINATION);
	const __u64 from_128 = XG_BIT(XG_IP_MOBILITY) | XG_BIT(XG_IP_HIP) |
			       XG_BIT(XG_IP_SHIM6);

	if (protocol < 64)
		return below_64 >> protocol & 1;
	return protocol >> 6 == 2 && from_128 >> (protocol & 63) & 1;
}

/* Bytes of an extension header whose length field says `n`. */
static __always_inline __u32 xg_extension_size(__u32 protocol, __u32 n)
{
	if (protocol == XG_IP_FRAGMENT)
		return 8; /* RFC 8200, 4.5: the field is reserved */
	if (protocol == XG_IP_AH)
		return (n + 2) * 4; /* RFC 4302, 2.2 */
	return (n + 1) * 8;
}

/* Of several fragment headers the one that says more counts: a later fragment
 * remains one, and a first one is not made whole by an atomic fragment behind
 * it. `word`: the header's second 16 bits. */
static __always_inline void xg_note_fragment(struct xg_reader *r, __u32 word)
{
	r->flags |= xg_fragment_flags(word >> 3, word & 1);
	if (r->flags & XG_F_FRAG_LATER)
		r->flags &= ~XG_F_FRAG_FIRST;
}

static __always_inline __u32 xg_read_extension(struct xg_reader *r)
{
	const void *header = xg_next_header(r, XG_EXTENSION_SIZE);
	__u32 size;

	if (!header)
		return XG_CLASS_EXT_SHORT;
	size = xg_extension_size(r->next, xg_byte(header, 1));
	if (size > xg_left(r))
		return XG_CLASS_EXT_SHORT;
	r->flags |= XG_F_OPTIONS;
	if (r->next == XG_IP_FRAGMENT)
		xg_note_fragment(r, xg_be16(header, 2));
	r->next = xg_byte(header, 0);
	/* or the verifier tells every combination of sizes apart */
	r->off = xg_forget(r->off + size);
	return XG_CLASS_OK;
}

static __always_inline __u32 xg_read_extensions(struct xg_reader *r)
{
	__u32 count, class;

	for (count = 0; xg_is_extension(r->next); count++) {
		if (r->flags & XG_F_FRAG_LATER)
			return XG_CLASS_OK; /* what follows is not this one's */
		if (count == XG_MAX_EXTENSIONS)
			return XG_CLASS_EXT_DEPTH;
		class = xg_read_extension(r);
		if (class)
			return class;
	}
	r->flags |= XG_F_PROTO | r->next;
	return XG_CLASS_OK;
}

/* What xg_walk_extensions() is told, and tells. */
struct xg_chain {
	__u32 off;	/* of the first extension header; behind the last */
	__u32 end;	/* of the packet */
	__u32 next;	/* the protocol of the header at off */
	__u32 flags;	/* XG_F_... found */
};

/* A function of its own, which the verifier looks at once, with any
 * arguments, and not once for each way here. Few packets come here: it always
 * copies. */
__noinline __u32 xg_walk_extensions(xg_ctx *ctx, struct xg_chain *chain)
{
	__u64 copy[XG_EXTENSION_SIZE / 8];
	struct xg_reader r = {.ctx = ctx, .copy = copy};
	__u32 class;

	if (!chain)
		return XG_CLASS_EXT_SHORT; /* never */
	r.off = chain->off;
	r.end = chain->end;
	r.next = chain->next;
	class = xg_read_extensions(&r);
	chain->off = r.off;
	chain->next = r.next;
	chain->flags = r.flags;
	return class;
}

static __always_inline __u32 xg_skip_extensions(struct xg_reader *r)
{
	struct xg_chain chain = {r->off, r->end, r->next, 0};
	__u32 class = xg_walk_extensions(r->ctx, &chain);

	r->off = chain.off;
	r->next = chain.next;
	r->flags |= chain.flags;
	return class;
}

/* RFC 8200. */
static __always_inline __u32 xg_read_ipv6(struct xg_reader *r)
{
	const void *ip = xg_next_header(r, XG_IPV6_SIZE);
	__u32 length;

	if (!ip)
		return XG_CLASS_IPV6_SHORT;
	if (xg_byte(ip, 0) >> 4 != 6)
		return XG_CLASS_IPV6_VERSION;
	xg_note_ipv6(r, ip);
	length = XG_IPV6_SIZE + xg_be16(ip, 4);
	r->key->word[XG_W_LENGTH] = length;
	if (length > xg_left(r))
		return XG_CLASS_IPV6_LENGTH;
	r->end = r->off + length;
	r->off += XG_IPV6_SIZE;
	if (xg_is_extension(r->next))
		return xg_skip_extensions(r);
	r->flags |= XG_F_PROTO | r->next;
	return XG_CLASS_OK;
}

/* ---- upper layer ---- */

static __always_inline void xg_note_ports(struct xg_reader *r,
					  const void *header)
{
	r->key->word[XG_W_PORTS] = xg_be32(header, 0);
	r->flags |= XG_F_PORTS;
}

/* Data that would begin beyond the packet's end is absent. */
static __always_inline void xg_note_data(struct xg_reader *r, __u32 size)
{
	if (size <= xg_left(r))
		r->key->base[XG_BASE_DATA] = r->off + size;
}

/* RFC 9293. */
static __always_inline __u32 xg_read_tcp(struct xg_reader *r)
{
	const void *tcp = xg_next_header(r, XG_TCP_SIZE);
	__u32 size;

	if (!tcp)
		return XG_CLASS_TCP_SHORT;
	xg_note_ports(r, tcp);
	size = (xg_byte(tcp, 12) >> 4) * 4;
	if (size < XG_TCP_SIZE)
		return XG_CLASS_TCP_OFFSET;
	if (size > xg_left(r))
		return XG_CLASS_TCP_SHORT;
	r->key->word[XG_W_L4] = xg_be16(tcp, 12) & 0xfff;
	r->flags |= XG_F_TCP;
	xg_note_data(r, size);
	return XG_CLASS_OK;
}

/* RFC 768. A first fragment's length is that of the whole datagram. */
static __always_inline __u32 xg_read_udp(struct xg_reader *r)
{
	const void *udp = xg_next_header(r, XG_UDP_SIZE);
	__u32 length;

	if (!udp)
		return XG_CLASS_UDP_SHORT;
	xg_note_ports(r, udp);
	length = xg_be16(udp, 4);
	if (length < XG_UDP_SIZE)
		return XG_CLASS_UDP_LENGTH;
	if (length > xg_left(r) && !(r->flags & XG_F_FRAG_FIRST))
		return XG_CLASS_UDP_LENGTH;
	xg_note_data(r, XG_UDP_SIZE);
	return XG_CLASS_OK;
}

/* RFC 3828: the length field is the checksum's coverage. */
static __always_inline __u32 xg_read_udplite(struct xg_reader *r)
{
	const void *udp = xg_next_header(r, XG_UDP_SIZE);

	if (!udp)
		return XG_CLASS_UDP_SHORT;
	xg_note_ports(r, udp);
	xg_note_data(r, XG_UDP_SIZE);
	return XG_CLASS_OK;
}

/* RFC 792, RFC 4443. `size`: the least header, `flag`: XG_F_ICMP or _ICMPV6. */
static __always_inline __u32 xg_read_icmp(struct xg_reader *r, __u32 size,
					  __u32 flag)
{
	const void *icmp = xg_next_header(r, size);

	if (!icmp)
		return XG_CLASS_ICMP_SHORT;
	r->key->word[XG_W_L4] = xg_be16(icmp, 0);
	r->flags |= flag;
	xg_note_data(r, XG_ICMP_SIZE);
	return XG_CLASS_OK;
}

/* RFC 9260. */
static __always_inline __u32 xg_read_sctp(struct xg_reader *r)
{
	const void *sctp = xg_next_header(r, XG_SCTP_SIZE);

	if (!sctp)
		return XG_CLASS_SCTP_SHORT;
	xg_note_ports(r, sctp);
	xg_note_data(r, XG_SCTP_SIZE);
	return XG_CLASS_OK;
}

/* RFC 4340, 5.1. */
static __always_inline __u32 xg_read_dccp(struct xg_reader *r)
{
	const void *dccp = xg_next_header(r, XG_DCCP_SIZE);
	__u32 size;

	if (!dccp)
		return XG_CLASS_DCCP_SHORT;
	xg_note_ports(r, dccp);
	size = xg_byte(dccp, 4) * 4;
	if (size >= XG_DCCP_SIZE)
		xg_note_data(r, size);
	return XG_CLASS_OK;
}

static __always_inline __u32 xg_read_upper(struct xg_reader *r)
{
	r->key->base[XG_BASE_L4] = r->off + r->zero;
	switch (r->next) {
	case XG_IP_TCP:
		return xg_read_tcp(r);
	case XG_IP_UDP:
		return xg_read_udp(r);
	case XG_IP_ICMP:
		if (r->flags & XG_F_IPV4)
			return xg_read_icmp(r, XG_ICMP_SIZE, XG_F_ICMP);
		return XG_CLASS_OK;
	case XG_IP_ICMPV6:
		if (r->flags & XG_F_IPV6)
			return xg_read_icmp(r, XG_ICMPV6_SIZE, XG_F_ICMPV6);
		return XG_CLASS_OK;
	case XG_IP_UDPLITE:
		return xg_read_udplite(r);
	case XG_IP_SCTP:
		return xg_read_sctp(r);
	case XG_IP_DCCP:
		return xg_read_dccp(r);
	}
	return XG_CLASS_OK;
}

/* ---- the whole packet ---- */

static __always_inline __u32 xg_read_packet(struct xg_reader *r,
					    __u32 features)
{
	__u32 class = xg_read_link(r, features);

	if (class)
		return class;
	if (r->next == XG_ETHER_IPV4)
		class = xg_read_ipv4(r);
	else if (r->next == XG_ETHER_IPV6)
		class = xg_read_ipv6(r);
	else
		return XG_CLASS_OK;
	if (class || !(r->flags & XG_F_PROTO) || r->flags & XG_F_FRAG_LATER)
		return class;
	return xg_read_upper(r);
}

/* Fills `key` in from what was found. Adding `zero` makes numbers that differ
 * from path to path unknown to the verifier: where the paths meet it goes on
 * with one of them. */
static __always_inline __u32 xg_finish(const struct xg_reader *r, __u32 class,
				       __u32 length)
{
	__u32 flags = r->flags + r->zero;

	XG_ASSERT(XG_F_IPV4 >> 8 == XG_KIND_IPV4 &&
		  XG_F_IPV6 >> 8 == XG_KIND_IPV6, "kinds are the flags");
	class += r->zero;
	r->key->kind = flags >> 8 & 3;
	r->key->word[XG_W_IFINDEX] = xg_frame_ifindex(r->ctx);
	r->key->word[XG_W_PROTO] = flags;
	r->key->word[XG_W_CLASS] = class;
	r->key->base[XG_BASE_END] = (class ? length : r->end) + r->zero;
	return class;
}

/* Sets all of `key` to `zero`, which the verifier knows nothing of. */
static __always_inline void xg_clear(struct xg_key *key, __u64 zero)
{
	__u64 *words = (__u64 *)key;
	__u32 i;

#pragma GCC unroll 16
	for (i = 0; i < sizeof(*key) / sizeof(*words); i++)
		words[i] = zero;
}

/* xg_parse() for frames whose headers do not all lie in the first buffer. */
__noinline __u32 xg_parse_copied(xg_ctx *ctx, struct xg_key *key, __u32 length,
				 __u32 features)
{
	__u64 copy[XG_HEADER_MAX / 8];
	struct xg_reader r = {.ctx = ctx, .key = key, .copy = copy,
			      .end = length};

	if (!key)
		return XG_CLASS_ETHER_SHORT; /* never */
	xg_clear(key, 0);
	return xg_finish(&r, xg_read_packet(&r, features), length);
}

/* Reads the frame, `length` bytes long, into `key` and returns its class. MACs
 * are read only where `features` (XG_HAS_...) asks for them: nobody else
 * looks. All of the key is set: a global BPF function takes no address of
 * anything less. `zero` is 0, loaded from where the verifier cannot know. */
static __always_inline __u32 xg_parse(xg_ctx *ctx, struct xg_key *key,
				      __u32 length, __u32 features, __u32 zero)
{
	struct xg_reader r = {.ctx = ctx, .key = key, .end = length,
			      .zero = zero};
	__u32 class;

	xg_clear(key, zero);
	class = xg_read_packet(&r, features);
	if (r.missed)
		return xg_parse_copied(ctx, key, length, features);
	return xg_finish(&r, class, length);
}

#endif
