/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reject: turns a packet into the answer to itself. TCP gets a reset (RFC 9293
 * 3.10.7.1), all others a port unreachable (RFC 792, RFC 4443 3.1) with as much
 * of the packet as it may hold. Link header and tags stay, with the addresses
 * exchanged. Included by filter.bpf.c only.
 */
#ifndef XG_REJECT_H
#define XG_REJECT_H

#include <linux/icmpv6.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>

#include "xdp/act.h"
#include "xdp/frame.h"
#include "xdp/loop.h"
#include "xdp/pace.h"

#define XG_LINK_MAX 32		/* an Ethernet header and four tags are 30 */
#define XG_ANSWER_TTL 64
#define XG_TCP_RST 0x04u
/* Types that are errors, a bit each: destination unreachable, source quench,
 * redirect, time exceeded, parameter problem. */
#define XG_ICMP_ERRORS (1u << 3 | 1u << 4 | 1u << 5 | 1u << 11 | 1u << 12)
#define XG_ICMPV6_LEAST_QUERY 128u
#define XG_ICMPV6_REDIRECT 137u
#define XG_UNREACHABLE_V4 3	/* type */
#define XG_UNREACHABLE_V6 1
#define XG_PORT_V4 3		/* code */
#define XG_PORT_V6 4
#define XG_QUOTE_V4 (576 - 20 - 8)	/* RFC 1812 4.3.2.3 */
#define XG_QUOTE_V6 (1280 - 40 - 8)	/* RFC 4443 2.4(c) */
#define XG_ETHER_LEAST 60		/* shorter frames are padded */
#define XG_SUM_BYTES 64u
#define XG_SUM_STEPS (XG_QUOTE_V6 / XG_SUM_BYTES + 1)
#define XG_NS_PER_SECOND 1000000000ull

struct xg_answer {
	__u8 link[XG_LINK_MAX];
	__be32 address[8];	/* source, destination; IPv4: the first two */
	union {
		struct iphdr v4;
		struct ipv6hdr v6;
	} ip;
	union {
		struct tcphdr tcp;
		struct icmp6hdr icmp; /* ICMP has the same shape */
	} l4;
	__u64 piece[XG_SUM_BYTES / 8];	/* of the frame, to be summed */
};

/* Where a CPU drafts an answer: the stack of the packet path has no room. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xg_answer);
} drafts SEC(".maps");

/* ---- what may be answered ---- */

/* Whether an address is one host's: RFC 1812 4.3.2.7, RFC 4443 2.4(e). */
static __always_inline int xg_is_one_host(__u32 kind, __u64 hi, __u64 lo)
{
	__u32 first = hi >> 56;

	if (kind == XG_KIND_IPV4)
		return first != 0 && first != 127 && first < 224;
	return first != 0xff && (hi != 0 || lo > 1);
}

/* An ICMP error, or a message whose type is not known. */
static __always_inline int xg_is_icmp_error(const struct xg_key *key)
{
	__u32 word = key->word[XG_W_PROTO], protocol = word & 0xff;
	__u32 type = key->word[XG_W_L4] >> 8;

	if (word & XG_F_ICMP)
		return type < 32 && XG_ICMP_ERRORS >> type & 1;
	if (word & XG_F_ICMPV6)
		return type < XG_ICMPV6_LEAST_QUERY ||
		       type == XG_ICMPV6_REDIRECT;
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

static __always_inline int xg_may_answer(const struct xg_key *key)
{
	__u32 word = key->word[XG_W_PROTO];

	if (key->word[XG_W_CLASS] != XG_CLASS_OK ||
	    key->kind == XG_KIND_OTHER || !(word & XG_F_PROTO))
		return 0;
	if (word & (XG_F_FRAG_FIRST | XG_F_FRAG_LATER))
		return 0;
	if (word & XG_F_TCP && key->word[XG_W_L4] & XG_TCP_RST)
		return 0;
	if (!(word & XG_F_TCP) && xg_is_icmp_error(key))
		return 0;
	return xg_is_one_host(key->kind, key->src_hi, key->src_lo) &&
	       xg_is_one_host(key->kind, key->dst_hi, key->dst_lo);
}

/* ---- checksums (RFC 1071) ---- */

static __always_inline __u16 xg_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static __always_inline __u64 xg_sum(const void *bytes, __u32 size)
{
	return (__u32)bpf_csum_diff(0, 0, (void *)bytes, size, 0);
}

/* Of the pseudo-header of either family: halves may be added in any order. */
static __always_inline __u64 xg_pseudo_sum(const struct xg_answer *answer,
					   __u32 length, __u32 protocol)
{
	return xg_sum(answer->address, sizeof(answer->address)) +
	       bpf_htonl(length) + bpf_htonl(protocol);
}

struct xg_summing {
	xg_ctx *ctx;
	struct xg_answer *answer;
	__u32 off, left;	/* of the frame, in bytes */
	__u64 sum;
};

/* One piece; what it lacks at the end is zeros. */
static long xg_sum_step(__u32 index, void *data)
{
	struct xg_summing *s = data;
	__u32 size = s->left < XG_SUM_BYTES ? s->left : XG_SUM_BYTES;
	__u64 *piece = s->answer->piece;

	(void)index;
	if (!size)
		return 1;
	size = (xg_opaque(size - 1) & (XG_SUM_BYTES - 1)) + 1;
	__builtin_memset(piece, 0, XG_SUM_BYTES);
	if (bpf_xdp_load_bytes(s->ctx, s->off, piece, size))
		return 1;
	s->sum += xg_sum(piece, XG_SUM_BYTES);
	s->off += size;
	s->left -= size;
	return 0;
}

static __always_inline __u64 xg_sum_frame(xg_ctx *ctx,
					  struct xg_answer *answer, __u32 off,
					  __u32 size)
{
	struct xg_summing s = {.ctx = ctx, .answer = answer, .off = off,
			       .left = size};

	xg_loop(XG_SUM_STEPS, xg_sum_step, &s);
	return s.sum;
}

/* ---- headers ---- */

/* Reads the link header and exchanges its addresses; 0 where one of them is
 * a group's. Every IP frame has XG_LINK_MAX bytes. */
static __always_inline int xg_turn_link(xg_ctx *ctx, struct xg_answer *answer)
{
	__u8 *link = answer->link;
	__u32 i;

	if (bpf_xdp_load_bytes(ctx, 0, link, XG_LINK_MAX))
		return 0;
	if ((link[0] | link[6]) & 1)
		return 0;
#pragma unroll
	for (i = 0; i < 6; i++) {
		__u8 byte = link[i];

		link[i] = link[6 + i];
		link[6 + i] = byte;
	}
	return 1;
}

static __always_inline void xg_turn_addresses(const struct xg_key *key,
					      struct xg_answer *answer)
{
	__be32 *to = answer->address;

	if (key->kind == XG_KIND_IPV4) {
		to[0] = bpf_htonl(key->dst_hi >> 32);
		to[1] = bpf_htonl(key->src_hi >> 32);
		return;
	}
	to[0] = bpf_htonl(key->dst_hi >> 32);
	to[1] = bpf_htonl(key->dst_hi);
	to[2] = bpf_htonl(key->dst_lo >> 32);
	to[3] = bpf_htonl(key->dst_lo);
	to[4] = bpf_htonl(key->src_hi >> 32);
	to[5] = bpf_htonl(key->src_hi);
	to[6] = bpf_htonl(key->src_lo >> 32);
	to[7] = bpf_htonl(key->src_lo);
}

static __always_inline __u32 xg_ip_bytes(const struct xg_key *key)
{
	return key->kind == XG_KIND_IPV4 ? sizeof(struct iphdr)
					 : sizeof(struct ipv6hdr);
}

/* An IP header in front of `payload` bytes. */
static __always_inline void xg_make_ip(const struct xg_key *key,
				       struct xg_answer *answer, __u32 payload,
				       __u8 protocol)
{
	if (key->kind == XG_KIND_IPV4) {
		struct iphdr *ip = &answer->ip.v4;

		ip->version = 4;
		ip->ihl = sizeof(*ip) / 4;
		ip->tot_len = bpf_htons(sizeof(*ip) + payload);
		ip->frag_off = bpf_htons(0x4000); /* don't fragment */
		ip->ttl = XG_ANSWER_TTL;
		ip->protocol = protocol;
		ip->saddr = answer->address[0];
		ip->daddr = answer->address[1];
		ip->check = xg_fold(xg_sum(ip, sizeof(*ip)));
	} else {
		struct ipv6hdr *ip = &answer->ip.v6;

		ip->version = 6;
		ip->payload_len = bpf_htons(payload);
		ip->nexthdr = protocol;
		ip->hop_limit = XG_ANSWER_TTL;
		__builtin_memcpy(&ip->saddr, answer->address, 32);
	}
}

/* Writes the link and IP headers of the answer; 0, or an errno. */
static __always_inline long xg_put_ip(xg_ctx *ctx, const struct xg_key *key,
				      struct xg_answer *answer)
{
	__u32 at = key->base[XG_BASE_IP];

	if (bpf_xdp_store_bytes(ctx, 0, answer->link, XG_LINK_MAX))
		return -1;
	if (key->kind == XG_KIND_IPV4)
		return bpf_xdp_store_bytes(ctx, at, &answer->ip.v4,
					   sizeof(answer->ip.v4));
	return bpf_xdp_store_bytes(ctx, at, &answer->ip.v6,
				   sizeof(answer->ip.v6));
}

/* ---- TCP ---- */

/* The reset for the segment whose header is in `tcp`, in its place: from what
 * it acknowledges, or else for all that it holds. */
static __always_inline void xg_make_reset(const struct xg_key *key,
					  struct xg_answer *answer)
{
	struct tcphdr *tcp = &answer->l4.tcp, in = *tcp;
	__u32 held = key->base[XG_BASE_END] - key->base[XG_BASE_DATA] +
		     in.syn + in.fin;

	__builtin_memset(tcp, 0, sizeof(*tcp));
	tcp->source = in.dest;
	tcp->dest = in.source;
	tcp->doff = sizeof(*tcp) / 4;
	tcp->rst = 1;
	if (in.ack) {
		tcp->seq = in.ack_seq;
	} else {
		tcp->ack = 1;
		tcp->ack_seq = bpf_htonl(bpf_ntohl(in.seq) + held);
	}
	tcp->check = xg_fold(xg_sum(tcp, sizeof(*tcp)) +
			     xg_pseudo_sum(answer, sizeof(*tcp), IPPROTO_TCP));
}

/* Cuts a frame of `length` bytes to `wanted`, but not one that is long enough
 * for the wire to what a card would have to pad; the padding is zeros. */
static __always_inline long xg_cut(xg_ctx *ctx, __u32 length, __u32 wanted)
{
	int padded = wanted < XG_ETHER_LEAST && length >= XG_ETHER_LEAST;
	__u32 to = padded ? XG_ETHER_LEAST : wanted;
	__u64 zeros = 0;

	if (to != length && bpf_xdp_adjust_tail(ctx, (int)(to - length)))
		return -1;
	if (!padded)
		return 0;
	return bpf_xdp_store_bytes(ctx, XG_ETHER_LEAST - sizeof(zeros), &zeros,
				   sizeof(zeros));
}

static __always_inline long xg_answer_tcp(xg_ctx *ctx, const struct xg_key *key,
					  struct xg_answer *answer)
{
	__u32 l4 = key->base[XG_BASE_IP] + xg_ip_bytes(key);
	__u32 size = sizeof(answer->l4.tcp);

	if (bpf_xdp_load_bytes(ctx, key->base[XG_BASE_L4], &answer->l4.tcp,
			       size))
		return -1;
	xg_make_reset(key, answer);
	xg_make_ip(key, answer, size, IPPROTO_TCP);
	if (xg_cut(ctx, xg_frame_length(ctx), l4 + size) ||
	    xg_put_ip(ctx, key, answer))
		return -1;
	return bpf_xdp_store_bytes(ctx, l4, &answer->l4.tcp, size);
}

/* ---- ICMP, ICMPv6: the headers have the same shape ---- */

static __always_inline void xg_make_unreachable(const struct xg_key *key,
						struct xg_answer *answer,
						__u32 payload, __u64 sum)
{
	struct icmp6hdr *icmp = &answer->l4.icmp;
	int is_v4 = key->kind == XG_KIND_IPV4;

	icmp->icmp6_type = is_v4 ? XG_UNREACHABLE_V4 : XG_UNREACHABLE_V6;
	icmp->icmp6_code = is_v4 ? XG_PORT_V4 : XG_PORT_V6;
	sum += xg_sum(icmp, sizeof(*icmp));
	if (!is_v4)
		sum += xg_pseudo_sum(answer, payload, IPPROTO_ICMPV6);
	icmp->icmp6_cksum = xg_fold(sum);
}

static __always_inline long xg_answer_icmp(xg_ctx *ctx,
					   const struct xg_key *key,
					   struct xg_answer *answer)
{
	__u32 ip = key->base[XG_BASE_IP], room = sizeof(answer->l4.icmp);
	__u32 quote = key->base[XG_BASE_END] - ip;
	__u32 most = key->kind == XG_KIND_IPV4 ? XG_QUOTE_V4 : XG_QUOTE_V6;
	__u32 head = xg_ip_bytes(key) + room;
	__u32 length = xg_frame_length(ctx);

	if (quote > most)
		quote = most;
	xg_make_unreachable(key, answer, room + quote,
			    xg_sum_frame(ctx, answer, ip, quote));
	xg_make_ip(key, answer, room + quote,
		   key->kind == XG_KIND_IPV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	if (length != ip + quote &&
	    bpf_xdp_adjust_tail(ctx, (int)(ip + quote - length)))
		return -1;
	if (bpf_xdp_adjust_head(ctx, -(int)head) || xg_put_ip(ctx, key, answer))
		return -1;
	return bpf_xdp_store_bytes(ctx, ip + head - room, &answer->l4.icmp,
				   room);
}

/* ---- */

/* Whether one more answer may go out. A program that is being checked has no
 * part in the rate. */
static __always_inline int xg_answer_is_due(const struct xg_header *h,
					    __u32 length)
{
	if (!h->generation)
		return 1;
	if (xg_pace(&xg_answers, bpf_ktime_get_ns(),
		    XG_NS_PER_SECOND / XG_ANSWERS_PER_SECOND,
		    XG_NS_PER_SECOND / XG_ANSWERS_PER_SECOND *
			    (XG_ANSWERS_BURST - 1)))
		return 1;
	xg_count(XG_SLOT_WITHHELD, length);
	return 0;
}

/* Makes the answer out of the packet: XDP_TX; XDP_DROP where there is none to
 * be. Verified once, and only for policies that reject. */
__noinline int xg_reject(xg_ctx *ctx, const struct xg_key *key)
{
	const struct xg_header *h = xg_image();
	__u32 zero = 0, length = xg_frame_length(ctx);
	struct xg_answer *answer;
	long failed;

	/* Kernels before 6.8 verify a function that nobody calls, too. */
	if (!(xg_features & XG_HAS_REJECT))
		return XDP_DROP;
	answer = bpf_map_lookup_elem(&drafts, &zero);
	if (!h || !key || !answer || !xg_may_answer(key))
		return XDP_DROP;
	__builtin_memset(answer, 0, sizeof(*answer));
	if (!xg_turn_link(ctx, answer) || !xg_answer_is_due(h, length))
		return XDP_DROP;
	xg_turn_addresses(key, answer);
	if (key->word[XG_W_PROTO] & XG_F_TCP)
		failed = xg_answer_tcp(ctx, key, answer);
	else
		failed = xg_answer_icmp(ctx, key, answer);
	if (failed)
		return XDP_DROP;
	if (h->generation)
		xg_count(XG_SLOT_ANSWERED, length);
	return XDP_TX;
}

#endif
