/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the XDP program and the control tool agree on: the words of a lookup
 * key, the bytes of an image, the slots of the counters, and the limits.
 *
 * Read by clang for BPF, by the host's C compiler (the native engine) and by
 * the host's C++ compiler (the tool). Plain C, fixed widths, no padding that is
 * not named. Nothing else is shared between the two sides. The layout is
 * explained, with pictures, in docs/architecture.md.
 *
 * All integers of an image are in host order: an image never leaves the host
 * that compiled it.
 */
#ifndef XDPGATE_ABI_H
#define XDPGATE_ABI_H

#include <linux/types.h>

#ifdef __cplusplus
#define XG_ASSERT(cond, why) static_assert(cond, why)
#else
#define XG_ASSERT(cond, why) _Static_assert(cond, why)
#endif

/* Of what a generation's program reads: the trees, tries and records of an
 * image. Each generation has its own program, so one of another version runs,
 * is counted, kept for `rollback` and given way to like any other; only the
 * native engine cannot judge by its image. A change raises it. */
#define XG_ABI_VERSION 4u
/* The oldest whose images have a state version. */
#define XG_ABI_OLDEST 4u
/* Of what the tool reads of a running instance, and what its generations share:
 * struct xg_header, rules, effects, digests and texts of an image, counters,
 * limits, dynamic sets, the maps of the entry program. A tool that knows another
 * one can read none of it and refuses. To raise this leaves users with `detach`
 * alone, so new fields go into what is reserved. */
#define XG_STATE_VERSION 0u
#define XG_MAGIC 0x58474154u /* "TAGX" in memory */

/* ---- limits of the packet reader (contract: "How a packet is read") ---- */
#define XG_MAX_TAGS 4
#define XG_MAX_EXTENSIONS 8
#define XG_PAYLOAD_MAX 16
/* Largest frame: 17 bits of length; longer ones count as this long. */
#define XG_LENGTH_MAX 0x1ffff

/* ---- the class of a packet: ok, or the first contradiction met ---- */
enum xg_class {
	XG_CLASS_OK = 0,
	XG_CLASS_ETHER_SHORT,	/* frame ends inside the Ethernet header */
	XG_CLASS_VLAN_SHORT,	/* frame ends inside a VLAN tag */
	XG_CLASS_VLAN_DEPTH,	/* more than XG_MAX_TAGS tags */
	XG_CLASS_IPV4_SHORT,	/* frame ends inside the IPv4 header */
	XG_CLASS_IPV4_VERSION,	/* version is not 4 */
	XG_CLASS_IPV4_IHL,	/* header length below 20 */
	XG_CLASS_IPV4_LENGTH,	/* total length below IHL or beyond the frame */
	XG_CLASS_IPV6_SHORT,	/* frame ends inside the IPv6 header */
	XG_CLASS_IPV6_VERSION,	/* version is not 6 */
	XG_CLASS_IPV6_LENGTH,	/* payload length beyond the frame */
	XG_CLASS_EXT_SHORT,	/* packet ends inside an extension header */
	XG_CLASS_EXT_DEPTH,	/* more than XG_MAX_EXTENSIONS of them */
	XG_CLASS_TCP_SHORT,	/* packet ends inside the TCP header */
	XG_CLASS_TCP_OFFSET,	/* TCP data offset below 5 */
	XG_CLASS_UDP_SHORT,	/* packet ends inside the UDP(-Lite) header */
	XG_CLASS_UDP_LENGTH,	/* UDP length below 8 or beyond the packet */
	XG_CLASS_ICMP_SHORT,	/* packet ends inside the ICMP(v6) header */
	XG_CLASS_SCTP_SHORT,	/* packet ends inside the SCTP header */
	XG_CLASS_DCCP_SHORT,	/* packet ends inside the DCCP header */
	XG_CLASSES
};

/* ---- verdicts and actions ---- */
enum xg_verdict {
	XG_PASS = 0,
	XG_DROP = 1,
	XG_REJECT = 2,
	XG_REDIRECT = 3,
	XG_VERDICTS
};
/* A rule's action is a verdict or: */
#define XG_COUNT 8 /* count, then go on to the next rule */

/* What becomes of malformed packets: XG_PASS, XG_DROP or: */
#define XG_MALFORMED_MATCH 8 /* let the rules judge them */

#define XG_NO_RULE 0xffffffffu

/* ---- the lookup key: what the reader found, as 32-bit words ----
 *
 * The first four are the words that most rules differ in; a cut of the tree
 * names one of them in two bits. */
enum xg_word {
	XG_W_SRC = 0,	/* IPv4 address (host order) or code of an IPv6 one */
	XG_W_DST,
	XG_W_PORTS,	/* source port << 16 | destination port */
	XG_W_PROTO,	/* protocol | XG_F_... flags */
	XG_W_L4,	/* TCP: flags (12 bits); ICMP(v6): type << 8 | code */
	XG_W_IP,	/* TTL or hop limit << 8 | DSCP << 2 | ECN */
	XG_W_LENGTH,	/* IP total length (v6: 40 + payload length) */
	XG_W_VLAN,	/* inner VLAN id << 12 | outer VLAN id */
	XG_W_ETHER,	/* first ethertype that is no VLAN tag */
	XG_W_IFINDEX,	/* ingress interface */
	XG_W_SMAC,	/* first four bytes of the source MAC */
	XG_W_DMAC,	/* first four bytes of the destination MAC */
	XG_W_MACS,	/* last two of the source << 16 | of the destination */
	XG_W_SRC_SETS,	/* address sets 0..31 that hold the source, bit each */
	XG_W_DST_SETS,
	XG_W_SRC_ROW,	/* number of the row of bits of all sets */
	XG_W_DST_ROW,
	XG_W_CLASS,	/* enum xg_class */
	XG_WORDS
};

/* Flags of XG_W_PROTO: which fields the packet has. The protocol is in bits
 * 0..7 and means something only with XG_F_PROTO. */
#define XG_F_IPV4	(1u << 8)
#define XG_F_IPV6	(1u << 9)
#define XG_F_PROTO	(1u << 10) /* upper-layer protocol is known */
#define XG_F_PORTS	(1u << 11) /* TCP UDP UDP-Lite SCTP DCCP header read */
#define XG_F_TCP	(1u << 12) /* TCP header read: flags */
#define XG_F_ICMP	(1u << 13) /* ICMP header read: type, code */
#define XG_F_ICMPV6	(1u << 14)
#define XG_F_FRAG_FIRST	(1u << 15)
#define XG_F_FRAG_LATER	(1u << 16)
#define XG_F_OPTIONS	(1u << 17) /* IPv4 IHL > 5, or any v6 extension */
#define XG_F_ETHERTYPE	(1u << 18) /* XG_W_ETHER is known */
#define XG_F_TAG1	(1u << 19) /* has an outer VLAN tag */
#define XG_F_TAG2	(1u << 20) /* has a second VLAN tag */

/* Which trees judge a packet: by what its network header is. */
enum xg_kind { XG_KIND_OTHER = 0, XG_KIND_IPV4, XG_KIND_IPV6, XG_KINDS };

/* Where things lie in the frame, in bytes from its start; 0: not present.
 * XG_BASE_END is the end of the packet without Ethernet padding. */
enum xg_base {
	XG_BASE_ETHER = 0,	/* always 0 */
	XG_BASE_IP,
	XG_BASE_L4,		/* upper-layer header */
	XG_BASE_DATA,		/* behind the upper-layer header */
	XG_BASE_END,
	XG_BASES
};

struct xg_key {
	__u32 word[XG_WORDS];
	__u32 base[XG_BASES];
	__u32 kind;		/* enum xg_kind */
	__u64 src_hi, src_lo;	/* address, left-aligned: IPv4 in src_hi's top */
	__u64 dst_hi, dst_lo;
};
XG_ASSERT(sizeof(struct xg_key) == 128, "xg_key has no hidden padding");

/* ---- the image ----
 *
 * header | nodes | leaf records | services | tests, bitmaps, payloads |
 * address tries | forks | set rows | filters | rules | effects |
 * rule digests | texts
 *
 * Offsets are in bytes from the start of the image unless said otherwise.
 * Offset 0 stands for "none": the header lies there. Sections that a packet
 * reads are aligned to 64 bytes. */
#define XG_MAX_GROUPS 8
/* What the packet path may read at any offset up to the image's size: a map's
 * value and a host's buffer are this much longer than the image. */
#define XG_READ_MAX 64

/* Cut node, one 32-bit word:
 *   bits 31..28  n: number of key bits of the cut, 1..15; 0: leaf or extended
 *   bits 27..26  word of the key, 0..3 (n > 0), or enum xg_node_kind (n == 0)
 *   bits 25..21  shift: the cut is word >> shift & ((1 << n) - 1)
 *   bits 20..0   children: 2^n nodes, at nodes_off + 16 * this
 * With n == 0, bits 25..0 are
 *   XG_NODE_LEAF      number of the first leaf record; 0: nothing matches
 *   XG_NODE_EXTENDED  struct xg_cut at nodes_off + 16 * this
 */
enum xg_node_kind { XG_NODE_LEAF = 0, XG_NODE_EXTENDED = 1 };
#define XG_NODE_BITS_SHIFT 28
#define XG_NODE_WORD_SHIFT 26
#define XG_NODE_SHIFT_SHIFT 21
#define XG_NODE_CHILD_MASK 0x1fffffu
#define XG_NODE_ARG_MASK 0x3ffffffu
#define XG_MAX_CUT_BITS 15
#define XG_MAX_DEPTH 24 /* cuts from a root to a leaf */

/* A cut in a word beyond the fourth, or whose children lie far away. */
struct xg_cut {
	__u32 word;	/* enum xg_word */
	__u32 shift;
	__u32 bits;	/* 1..XG_MAX_CUT_BITS */
	__u32 child;	/* nodes_off + 16 * this */
};
XG_ASSERT(sizeof(struct xg_cut) == 16, "xg_cut");

/* Leaf record: one box of one rule. Matches when both addresses agree above
 * their shifts (32: any address), and the service agrees. A leaf is a run of
 * records in the order of their rules, ended by XG_LEAF_LAST. */
struct xg_leaf {
	__u32 src;
	__u32 dst;
	__u64 meta;	/* rule | service << 24 | shifts << 44, 50 |
			 * later << 56 | last << 63 */
};
XG_ASSERT(sizeof(struct xg_leaf) == 16, "xg_leaf");
#define XG_LEAF_RULE_MASK 0xffffffull		/* 24 bits: 16 M rules */
#define XG_LEAF_SERVICE_SHIFT 24		/* 20 bits */
#define XG_LEAF_SERVICE_MASK 0xfffffull
#define XG_LEAF_SRC_SHIFT 44			/* 6 bits, 0..32 */
#define XG_LEAF_DST_SHIFT 50			/* 6 bits, 0..32 */
#define XG_LEAF_PREFIX_MASK 0x3full
/* Bit t - 1: tree t, behind this record's, may have a better rule for a packet
 * of this box. The trees that have not need no visit. */
#define XG_LEAF_LATER_SHIFT 56			/* 7 bits */
#define XG_LEAF_LATER_MASK 0x7full
#define XG_LEAF_LAST (1ull << 63)
/* Records scanned in line; what a leaf holds beyond is scanned by bpf_loop. */
#define XG_LEAF_INLINE 16
#define XG_LEAF_MAX (1u << 20)

/* What a box asks of the packet beside its addresses. Distinct ones only.
 * Ports are compared in two lanes of a 64-bit word, source << 32 |
 * destination, without a branch: the guard bit of a lane of (ports | guard) -
 * lo survives where the port is not below lo, that of hi - ports where it is
 * not above. Where no port is asked for, lo is 0 and hi 65535. */
struct xg_service {
	__u64 port_lo;
	__u64 port_hi;			/* with XG_PORT_GUARD */
	__u32 proto_mask, proto_value;	/* of XG_W_PROTO */
	__u32 l4_mask, l4_value;	/* of XG_W_L4 */
	__u32 tests;	/* offset of the first struct xg_test, 0: none */
	__u32 reserved;
};
XG_ASSERT(sizeof(struct xg_service) == 40, "xg_service");
#define XG_PORT_GUARD (1ull << 48 | 1ull << 16)

/* A rarer condition; all of a run must hold, the run ends at XG_TEST_LAST. */
enum xg_test_kind {
	XG_TEST_RANGE = 0, /* a <= (word >> shift & mask) <= b */
	XG_TEST_BITMAP,	   /* bit (word >> shift & mask) of the bitmap at a,
			    * which holds mask + 1 bits */
	XG_TEST_SET,	   /* bit a of the row of set bits that `word` names */
	XG_TEST_PAYLOAD,   /* struct xg_payload at a; word: enum xg_base,
			    * b: offset from it */
	XG_TEST_MAC,	   /* word: 0 source, 1 destination; the first four
			    * bytes & mask == a, the last two & b >> 16 == b
			    * & 0xffff */
	XG_TEST_DYNAMIC,   /* dynamic set a holds the address; word: 0 source,
			    * 1 destination */
};
#define XG_TEST_LAST 1u
#define XG_TEST_NEGATE 2u /* holds when it would not; a missing payload fails
			   * either way */
#define XG_MAX_TESTS 24

struct xg_test {
	__u8 kind, word, shift, flags;
	__u32 mask;
	__u32 a, b;
};
XG_ASSERT(sizeof(struct xg_test) == 16, "xg_test");

struct xg_payload {
	__u32 length;			/* 1..XG_PAYLOAD_MAX */
	__u32 reserved;
	__u8 bytes[XG_PAYLOAD_MAX];	/* already masked */
	__u8 mask[XG_PAYLOAD_MAX];	/* 0 beyond length */
};
XG_ASSERT(sizeof(struct xg_payload) == 40, "xg_payload");

/* Address tries. A *code trie* gives the 32-bit stand-in of an IPv6 address; a
 * *set trie*, one for each family, the number of the row of set bits that holds
 * for an address. They share the code. An address is 128 bits, left aligned,
 * consumed from the left. One entry, one 32-bit word:
 *   LEAF   bit 31 set, bit 30 clear: the value, 30 bits
 *   FORK   bits 31, 30 set: whether the next k bits equal v: k - 1 in bits
 *          29..26, v in bits 25..10, number of the struct xg_fork in bits 9..0
 * otherwise enum xg_trie_kind in bits 30..29, and a place at tries_off + 4 *
 * this in bits 24..0:
 *   BRANCH n - 1 in bits 28..25: the next n bits choose one of 2^n entries
 *   SKIP   struct xg_skip
 *   RAW    struct xg_raw: ends the walk
 *   SPARSE struct xg_sparse, at an even place
 */
#define XG_TRIE_LEAF (1u << 31)
#define XG_TRIE_FORK (1u << 30)
#define XG_TRIE_VALUE_MASK 0x3fffffffu
enum xg_trie_kind {
	XG_TRIE_BRANCH = 0,
	XG_TRIE_SKIP = 1,
	XG_TRIE_RAW = 2,
	XG_TRIE_SPARSE = 3,
};
#define XG_TRIE_KIND_SHIFT 29
#define XG_TRIE_BITS_SHIFT 25	/* BRANCH; 4 bits */
#define XG_TRIE_ARG_MASK 0x1ffffffu
#define XG_FORK_BITS_SHIFT 26	/* 4 bits */
#define XG_FORK_VALUE_SHIFT 10	/* 16 bits */
#define XG_FORK_MAX 1024u	/* forks that a FORK entry can name */
#define XG_TRIE_MAX_STEPS 48

/* Where a comparison leads: two entries. */
struct xg_fork {
	__u32 same;
	__u32 differs;	/* always a LEAF */
};
XG_ASSERT(sizeof(struct xg_fork) == 8, "xg_fork");

/* A run of bits with one way on: where the next `bits` bits equal `value` they
 * are consumed and the fork's `same` is read, else its `differs`. As many
 * words of `value` as hold `bits` bits, left aligned; what stands behind them
 * belongs to others. */
struct xg_skip {
	__u32 head;	/* bits - 1 (of 1..128) << 25 | number of the fork */
	__u32 value[4];
};
XG_ASSERT(sizeof(struct xg_skip) == 20, "xg_skip");
#define XG_SKIP_BITS_SHIFT 25
#define XG_SKIP_FORK_MASK 0x1ffffffu

/* A block in which addresses stand for themselves: the code is base + the
 * `width` (0..30) bits of the address behind its first `depth` (0..127). */
struct xg_raw {
	__u32 base;
	__u8 depth, width;
	__u8 reserved[2];
};
XG_ASSERT(sizeof(struct xg_raw) == 8, "xg_raw");

/* A branch by the next 8 bits most of whose children are alike. Bit i of
 * `present`, counted from the least of the first word: child i has an entry of
 * its own, the others lead to `other`; `before`: the children that have, in the
 * words before each. Their entries follow. */
struct xg_sparse {
	__u64 present[4];
	__u8 before[4];
	__u32 other;
};
XG_ASSERT(sizeof(struct xg_sparse) == 40, "xg_sparse");
#define XG_SPARSE_BITS 8

/* Address filters: before the trie of very large sets, a bitmap of which an
 * address looks at one bit. Clear: no address with these leading bits differs
 * from the rest of the space, whose row stands in the header. */
#define XG_FILTER_BITS (1u << 24)

/* The bit of an address, left aligned in `hi`: its /24; of IPv6 its /32,
 * scattered (Fibonacci hashing: D. Knuth, TAOCP 3, 6.4). */
static inline __u32 xg_filter_bit(__u32 kind, __u64 hi)
{
	if (kind == XG_KIND_IPV4)
		return (__u32)(hi >> 40);
	return ((__u32)(hi >> 32) * 0x9e3779b1u) >> 8;
}

/* A rule as the packet path needs it: the action, enum xg_verdict or XG_COUNT,
 * and above it the number of its effect record. */
struct xg_rule {
	__u32 word;
};
XG_ASSERT(sizeof(struct xg_rule) == 4, "xg_rule");
#define XG_RULE_ACTION_MASK 0xffu
#define XG_RULE_EFFECT_SHIFT 8	/* 24 bits; 0: an action is all there is */

/* What a rule does beside its action. Read only once a packet has met such a
 * rule. Record 0 is no rule's. A policy in which no rule has one lacks
 * XG_HAS_EFFECTS, and its packets do not look for any. */
struct xg_effect {
	__u32 log_every;	/* one packet in so many is logged; 0: none */
	__u32 redirect;		/* slot of the map `devices` */
	__u64 limit_cost;	/* of a packet or byte, XG_LIMIT_UNITS; 0: none */
	__u64 limit_depth;	/* of a full bucket */
	__u32 limit_first;	/* its first element of the map `limits` */
	__u32 limit_mask;	/* their number, a power of two, less 1 */
	__u32 limit_slot;	/* counter of packets beyond it */
	__u8 limit_per;		/* enum xg_per */
	__u8 limit_bytes;	/* bytes are counted, not packets */
	__u8 limit_ipv4_bits;	/* of the address that make up a key */
	__u8 limit_ipv6_bits;
	__u32 limit_over;	/* action beyond it: enum xg_verdict, XG_COUNT */
	__u32 ban_set;		/* number of a dynamic set + 1; 0: no ban */
	__u64 ban_ns;		/* for how long */
	__u8 reserved[8];
};
XG_ASSERT(sizeof(struct xg_effect) == 64, "xg_effect has no hidden padding");

/* A tree, and the first (best) rule in it and in those behind it: where that
 * cannot beat what is already found, the search ends. */
struct xg_group {
	__u32 root;	/* a cut node */
	__u32 first;	/* number of the first rule from here on */
};

struct xg_header {
	__u32 magic, abi;
	__u32 size;		/* bytes of the whole image */
	__u32 features;		/* XG_HAS_... */
	__u32 default_action;	/* enum xg_verdict */
	__u32 malformed;	/* enum xg_verdict or XG_MALFORMED_MATCH */
	__u32 rule_count;
	__u32 leaf_max;		/* longest leaf, in records */
	__u32 nodes_off, leaves_off, services_off, rules_off;
	__u32 tries_off, forks_off, rows_off, row_words;
	__u32 set_root[XG_KINDS];	/* trie entries; other: unused */
	__u32 code_root;		/* of IPv6 */
	__u32 filter_off[XG_KINDS];	/* 0: none */
	__u32 filter_row[XG_KINDS];
	__u32 group_count[XG_KINDS];
	/* The rule that takes all packets of a kind that no tree has a better
	 * rule for; XG_NO_RULE: the default does. */
	__u32 fallback[XG_KINDS];
	struct xg_group group[XG_KINDS][XG_MAX_GROUPS];
	/* for the tool only */
	__u32 digests_off;	/* rule_count times __u64 */
	__u32 texts_off, texts_packed;	/* zstd frame: where, bytes */
	__u32 texts_size;		/* unpacked: names, meta, source */
	__u32 names_size;		/* of the names, each with a NUL */
	__u32 meta_size;		/* of JSON: name, interfaces, mode */
	__u32 worst_steps;	/* see docs/architecture.md */
	__u8 digest[16];	/* XXH3-128 of text, set files and settings */
	/* for the verifier: 0, but it cannot know; see xdp/parse.h */
	__u32 zero;
	__u32 effects_off, effect_count;	/* struct xg_effect, with record 0 */
	__u32 set_count;	/* dynamic sets */
	__u32 limit_count;	/* rules with a limit */
	__u32 limit_buckets;	/* elements of the map `limits`; 0: no limits */
	__u32 bridge[2];	/* ifindexes of the two ports, XG_HAS_BRIDGE */
	__u32 state;		/* XG_STATE_VERSION */
	__u8 reserved[32];
	/* XXH3-64 of the image's bytes with 0 here and in `generation`. Images of
	 * before there were any have 0. */
	__u64 checksum;
	/* Written by the tool once the program is checked; 0 before: what it does
	 * meanwhile is not for others to see. */
	__u64 generation;
};
XG_ASSERT(sizeof(struct xg_header) == 448, "xg_header has no hidden padding");

/* What the packets of this policy need beyond the plain five fields. The tool
 * copies it into the program's .rodata: what is off is removed by the
 * verifier and costs nothing. */
#define XG_HAS_SRC_SETS	(1u << 0) /* a rule asks what sets hold the source */
#define XG_HAS_SRC_CODES (1u << 1) /* ... for a prefix of an IPv6 source */
#define XG_HAS_COUNT	(1u << 2) /* a rule with action count */
#define XG_HAS_TESTS	(1u << 3)
#define XG_HAS_PAYLOAD	(1u << 4)
#define XG_HAS_LONG	(1u << 5) /* a leaf longer than XG_LEAF_INLINE */
#define XG_HAS_MACS	(1u << 6)
#define XG_HAS_EFFECTS	(1u << 7) /* a rule with an effect record */
#define XG_HAS_DST_SETS	(1u << 8)
#define XG_HAS_DST_CODES (1u << 9)
#define XG_HAS_FILTER	(1u << 10) /* an address filter */
#define XG_HAS_DYNAMIC	(1u << 11) /* a rule asks for a dynamic set */
#define XG_HAS_LIMITS	(1u << 12)
#define XG_HAS_BANS	(1u << 13)
#define XG_HAS_REJECT	(1u << 14)
#define XG_HAS_REDIRECT	(1u << 15)
#define XG_HAS_BRIDGE	(1u << 16) /* what passes leaves by the other port */

/* ---- limits ----
 *
 * A limit's state is a power of two of these, found by the tag of a key; a key
 * is in one of its ways. Element 0 of the map is no limit's: its first tag is
 * the secret that tags are made with. */
#define XG_LIMIT_WAYS 4
struct xg_limit_bucket {
	__u64 tag[XG_LIMIT_WAYS];	/* 0: nobody's yet */
	__u64 full[XG_LIMIT_WAYS];	/* CLOCK_BOOTTIME in XG_LIMIT_UNITS,
					 * modulo 2^64: full again then */
};
XG_ASSERT(sizeof(struct xg_limit_bucket) == 64, "xg_limit_bucket: one line");
#define XG_LIMIT_UNITS 1024ull	/* to a nanosecond */
#define XG_LIMIT_KEYS_MAX (1u << 24)
enum xg_per { XG_PER_RULE = 0, XG_PER_SRC, XG_PER_DST };

/* ---- dynamic sets ----
 *
 * Set number n of a policy is entry n of an array of maps: a hash from element
 * to the time at which it expires (CLOCK_BOOTTIME, ns), or XG_NEVER. One hash
 * holds hosts and prefixes: of a prefix, what lies behind it is 0. */
struct xg_element {
	__u64 hi, lo;	/* address, as in xg_key */
	__u32 kind;	/* enum xg_kind: its family */
	__u32 length;	/* of the prefix: 0..32, 0..128 */
};
XG_ASSERT(sizeof(struct xg_element) == 24, "xg_element has no hidden padding");
#define XG_NEVER 0ull
#define XG_MAX_SETS 1024u	/* dynamic ones, of a policy */
#define XG_SET_MAX (1u << 24)	/* elements of one */

/* Prefix lengths that occur in a set, hosts aside: bit l stands for l. Some may
 * be set that do not occur. A lookup tries the host, then these. */
struct xg_set_lengths {
	__u64 ipv4;	/* bits 0..31 */
	__u64 ipv6[2];	/* bits 0..127 */
	__u64 reserved;
};
XG_ASSERT(sizeof(struct xg_set_lengths) == 32, "xg_set_lengths");

/* What is found out once per packet where it is asked for at all: the time,
 * and which of the first XG_MEMO_SETS sets hold its addresses. Behind that the
 * variables of a lookup, and the key, for which the stack of the packet path
 * has no room. */
struct xg_memo {
	__u64 now_ns;	/* 0: not looked at yet */
	__u32 known;	/* bit 2 * set + side */
	__u32 found;
	__u64 until_ns;	/* of a ban */
	struct xg_element host;
	struct xg_element prefix;
	__u64 lengths;	/* of prefixes to try, 64 of them at a time */
	__u32 first;	/* length that bit 0 of `lengths` stands for */
	__u32 is_found;
	struct xg_key key;	/* for XG_DEEP */
};
#define XG_MEMO_SETS 16u

/* Features that need a memo at all. */
#define XG_HAS_MEMO (XG_HAS_DYNAMIC | XG_HAS_LIMITS | XG_HAS_BANS)
/* Features whose functions call each other so deeply that the key does not fit
 * on the stack (512 bytes, each function's part rounded up): it lies in the
 * memo then, and xg_filter_deep is the program. */
#define XG_DEEP (XG_HAS_MEMO | XG_HAS_COUNT | XG_HAS_REJECT)

/* ---- counters ----
 *
 * Packets and whole-frame bytes. A generation has one live per-CPU array and
 * one base array; what a rule counts is base + sum of live over CPUs. Slots:
 * the default, the packet classes, then the rules in policy order. A per-CPU
 * array element holds XG_CHUNK slots, so that the kernel's table of element
 * pointers stays in the cache at any number of rules. */
struct xg_counter {
	__u64 packets;
	__u64 bytes;
};
XG_ASSERT(sizeof(struct xg_counter) == 16, "xg_counter");
#define XG_SLOT_DEFAULT 0u
#define XG_SLOT_CLASS 1u	/* + enum xg_class (XG_CLASS_OK: unused) */
#define XG_SLOT_ANSWERED 21u	/* rejects that an answer went out for */
#define XG_SLOT_WITHHELD 22u	/* that the rate of answers was reached for */
#define XG_SLOT_LOGGED 23u	/* events for `xdpgate capture` */
#define XG_SLOT_LOST 24u	/* events that found its ring full */
#define XG_SLOT_CAPPED 25u	/* events beyond its rate */
#define XG_SLOT_BAN_FULL 26u	/* bans that found their set full */
#define XG_SLOT_RULE 32u	/* + number of the rule; behind the rules, one a
				 * limit: what was beyond it */
#define XG_CHUNK 256u
XG_ASSERT(XG_SLOT_CLASS + XG_CLASSES <= XG_SLOT_ANSWERED &&
	  XG_SLOT_CAPPED < XG_SLOT_BAN_FULL, "slots overlap");

struct xg_chunk {
	struct xg_counter slot[XG_CHUNK];
};

/* One slot of the base array: what earlier generations counted. */
struct xg_base_counter {
	__u64 packets;
	__u64 bytes;
	__u64 changed;	/* generation in which the rule was last changed */
};
XG_ASSERT(sizeof(struct xg_base_counter) == 24, "xg_base_counter");

/* The base array has XG_SLOT_RULE + rule_count slots; XG_SLOT_SEAL.packets is
 * 1 once the base is complete, .bytes the time of loading (CLOCK_BOOTTIME, ns),
 * .changed the newest generation whose counts it has. */
#define XG_SLOT_SEAL 31u
/* Base array only: + enum xg_verdict, what earlier generations decided. */
#define XG_SLOT_VERDICT 27u
XG_ASSERT(XG_SLOT_CAPPED < XG_SLOT_VERDICT &&
	  XG_SLOT_VERDICT + XG_VERDICTS <= XG_SLOT_SEAL, "slots overlap");

/* ---- the slots of the program array the entry program calls into ---- */
#define XG_PROG_CURRENT 0u
#define XG_PROG_SLOTS 2u

/* ---- reject: answers a second, of an instance; RFC 1812 4.3.2.8, RFC 4443
 * 2.4(f) ask for a limit ---- */
#define XG_ANSWERS_PER_SECOND 1000u
#define XG_ANSWERS_BURST 100u

/* ---- capture ----
 *
 * What `xdpgate capture` asks of an instance's programs: one struct a
 * instance, mapped by the tool. Programs read `active` of every packet, the
 * rest only where that is not 0. */
#define XG_CAPTURE_RULES 32
#define XG_SNAP_MAX 4096

struct xg_capture {
	__u32 active;		/* the reader's number; 0: nobody reads the ring */
	__u32 chosen;		/* 0: what rules log; 1: what follows */
	__u64 until_ns;		/* CLOCK_MONOTONIC: when the reader is given up */
	__u64 interval_ns;	/* of events on average: the cap */
	__u64 slack_ns;		/* how far a burst may run ahead of it */
	__u64 due_ns;		/* the kernel's: when the cap has room again */
	__u64 generation;	/* whose numbers `rules` are; packets of another
				 * are all taken, and sorted out by the reader */
	__u32 verdicts;		/* 1 << enum xg_verdict, 1 << XG_COUNT */
	__u32 every;		/* one packet in so many, of a CPU's */
	__u32 snap;		/* bytes of a frame, 1..XG_SNAP_MAX */
	__u32 rule_count;	/* 0: whatever rule */
	__u32 rules[XG_CAPTURE_RULES];
};
XG_ASSERT(sizeof(struct xg_capture) == 192, "xg_capture has no hidden padding");

/* What stands in the ring: this, and `captured` bytes of the frame. */
struct xg_event {
	__u64 time_ns;		/* CLOCK_MONOTONIC */
	__u64 generation;
	__u32 rule;		/* of that generation, or XG_NO_RULE */
	__u32 verdict;		/* enum xg_verdict, or XG_COUNT */
	__u32 class_;		/* enum xg_class */
	__u32 ifindex;		/* ingress interface */
	__u32 length;		/* of the frame */
	__u32 captured;
};
XG_ASSERT(sizeof(struct xg_event) == 40, "xg_event has no hidden padding");

/* ---- what a traced run says (BPF_PROG_TEST_RUN only) ----
 * Written by a program loaded with xg_trace set; the tool maps it. */
struct xg_trace {
	__u32 ifindex;	/* in: ingress interface to assume */
	__u32 verdict;	/* out: enum xg_verdict */
	__u32 rule;	/* out: the rule that decided, or XG_NO_RULE */
	__u32 class_;	/* out: enum xg_class */
	__u64 now_ns;	/* in: time to assume; 0: the clock's */
	struct xg_key key;	/* out: as parsed */
};

#endif
