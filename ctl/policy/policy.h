// SPDX-License-Identifier: GPL-2.0-only
// A checked, normalised policy: the product of check(), the input of
// evaluate() and compile(). Everything a user may write in several ways is
// here in one: names are numbers, lists and ranges are interval sets, negation
// is carried out where the field's range is known and kept as a flag where it
// is not. Values only, no text beyond names; positions stand apart (Places), but
// for one whose value can prove wrong later.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/interval_set.h"
#include "policy/policy_test.h"

namespace xdpgate {

using U128 = unsigned __int128;
using NumberSet = IntervalSet<std::uint32_t>;

enum class Family : std::uint8_t { kIpv4, kIpv6 };

/// A set of addresses of both families, as numbers in host order.
struct AddressSet {
  IntervalSet<std::uint32_t> v4;
  IntervalSet<U128> v6;

  [[nodiscard]] bool empty() const { return v4.empty() && v6.empty(); }
  friend bool operator==(const AddressSet&, const AddressSet&) = default;
};

/// `dynamic: true`: a set whose elements come and go while the filter runs.
struct DynamicSettings {
  std::uint32_t number = 0;      ///< among the policy's dynamic sets, from 0
  std::uint32_t size = 0;        ///< most elements: 1..XG_SET_MAX
  std::uint64_t timeout_ns = 0;  ///< of elements added without one; 0: none
};

/// An address set of the `sets:` section. Port sets are merged into the rules
/// that name them and do not appear here.
struct NamedAddressSet {
  std::string name;
  AddressSet elements;  ///< of a dynamic set: none
  std::optional<DynamicSettings> dynamic = std::nullopt;
};

/// `src` or `dst`: the address is in `listed` or in one of `sets`, or, where
/// `negated`, in none of them. A packet without an IP header never matches.
struct AddressMatch {
  AddressSet listed;
  std::vector<std::uint32_t> sets;  ///< indices into Policy::address_sets
  bool negated = false;
  friend bool operator==(const AddressMatch&, const AddressMatch&) = default;
};

/// `interface`: the ingress interface is (not) one of `names`.
struct InterfaceMatch {
  std::vector<std::string> names;
  bool negated = false;
  friend bool operator==(const InterfaceMatch&,
                         const InterfaceMatch&) = default;
};

/// address & mask == value; 48 bits, the first byte on the wire is the top.
struct MacPattern {
  std::uint64_t value = 0;
  std::uint64_t mask = 0xffff'ffff'ffff;
  friend bool operator==(const MacPattern&, const MacPattern&) = default;
};

/// `src_mac`, `dst_mac`: (not) any of the patterns.
struct MacMatch {
  std::vector<MacPattern> any_of;
  bool negated = false;
  friend bool operator==(const MacMatch&, const MacMatch&) = default;
};

/// `vlan`, `inner_vlan`: the tag is there and its id is in `ids`, or it is not
/// there and `untagged` is set. Negation is already carried out.
struct VlanMatch {
  NumberSet ids;
  bool untagged = false;
  friend bool operator==(const VlanMatch&, const VlanMatch&) = default;
};

/// `port`: (not) either of the two ports is in `ports`.
struct EitherPortMatch {
  NumberSet ports;
  bool negated = false;
  friend bool operator==(const EitherPortMatch&,
                         const EitherPortMatch&) = default;
};

/// flags & mask == set, of the 12 bits behind the TCP data offset.
struct FlagsPattern {
  std::uint16_t set = 0;
  std::uint16_t mask = 0;
  friend bool operator==(const FlagsPattern&, const FlagsPattern&) = default;
};

/// `tcp_flags`: (not) any of the patterns.
struct FlagsMatch {
  std::vector<FlagsPattern> any_of;
  bool negated = false;
  friend bool operator==(const FlagsMatch&, const FlagsMatch&) = default;
};

/// `icmp_type`, `icmp_code`: ICMP with a number in `v4`, or ICMPv6 with a
/// number in `v6`. Negation is already carried out, per family asked for.
struct IcmpMatch {
  NumberSet v4;
  NumberSet v6;
  friend bool operator==(const IcmpMatch&, const IcmpMatch&) = default;
};

/// `fragment`: the states that match. Packets without IP header have none.
struct FragmentMatch {
  bool none = false;
  bool first = false;
  bool later = false;
  friend bool operator==(const FragmentMatch&, const FragmentMatch&) = default;
};

enum class PayloadBase : std::uint8_t { kEther, kIp, kL4, kData };

/// `payload`: the bytes at `offset` from `base`, masked, are (not) `bytes`.
/// They must lie inside the packet; else no match, negated or not.
struct PayloadMatch {
  PayloadBase base = PayloadBase::kEther;
  std::uint32_t offset = 0;          ///< 0..65535
  std::vector<std::uint8_t> bytes;   ///< 1..16, already masked
  std::vector<std::uint8_t> mask;    ///< as many
  bool negated = false;
  friend bool operator==(const PayloadMatch&, const PayloadMatch&) = default;
};

/// What a rule asks of a packet: all that is set must hold. An empty Match
/// holds for every packet. A NumberSet that is set but empty never holds.
struct Match {
  std::optional<InterfaceMatch> interface;
  std::optional<MacMatch> src_mac, dst_mac;
  std::optional<NumberSet> ethertype;    ///< 0..65535
  std::optional<VlanMatch> vlan, inner_vlan;
  std::optional<Family> family;
  std::optional<AddressMatch> src, dst;
  std::optional<NumberSet> protocol;     ///< 0..255
  std::optional<NumberSet> src_port, dst_port;  ///< 0..65535
  std::optional<EitherPortMatch> port;
  std::optional<FlagsMatch> tcp_flags;
  std::optional<IcmpMatch> icmp_type, icmp_code;
  std::optional<NumberSet> ttl;          ///< 0..255
  std::optional<NumberSet> dscp;         ///< 0..63
  std::optional<NumberSet> ecn;          ///< 0..3
  std::optional<NumberSet> length;       ///< 0..XG_LENGTH_MAX
  std::optional<FragmentMatch> fragment;
  std::optional<bool> ip_options;
  std::vector<PayloadMatch> payload;     ///< all must hold
  friend bool operator==(const Match&, const Match&) = default;
};

enum class Action : std::uint8_t { kPass, kDrop, kCount, kReject, kRedirect };
enum class DefaultAction : std::uint8_t { kPass, kDrop };
enum class MalformedAction : std::uint8_t { kPass, kDrop, kMatch };
enum class Mode : std::uint8_t { kAuto, kNative, kGeneric };

/// Whose packets share a token bucket.
enum class LimitPer : std::uint8_t { kRule, kSrc, kDst };

/// `limit`: so many packets or bytes a period, and that many at once.
struct Limit {
  std::uint64_t rate = 0;   ///< packets, or bytes, a period
  std::uint64_t period_ns = 0;
  std::uint64_t burst = 0;
  bool bytes = false;       ///< rate and burst are bytes of whole frames
  LimitPer per = LimitPer::kRule;
  /// Leading bits of an address that make up a key.
  std::uint8_t ipv4_bits = 32, ipv6_bits = 128;
  std::uint32_t keys = 1;   ///< that are told apart: 1..XG_LIMIT_KEYS_MAX
  Action over = Action::kDrop;  ///< what becomes of packets beyond it
  friend bool operator==(const Limit&, const Limit&) = default;
};

/// `ban`: the source enters a dynamic set; of a rule with a limit, the source
/// of what is beyond it.
struct Ban {
  std::uint32_t set = 0;     ///< index in Policy::address_sets
  std::uint64_t for_ns = 0;
  friend bool operator==(const Ban&, const Ban&) = default;
};

struct Rule {
  std::string name;  ///< unique, [A-Za-z0-9_.:-]{1,63}
  Match match;
  Action action = Action::kPass;
  std::string redirect = {};  ///< kRedirect: the interface to leave by
  Position redirect_at = {};  ///< where it stands in the file
  /// One packet in so many that it decides goes to `xdpgate capture`.
  std::optional<std::uint32_t> log_every = {};
  std::optional<Limit> limit = {};
  std::optional<Ban> ban = {};

  /// Whether a packet that matches is never handed to the rules behind.
  [[nodiscard]] bool always_decides() const {
    return action != Action::kCount &&
           !(limit && limit->over == Action::kCount);
  }
};

/// Where in the policy file things stand, for what is said of them later.
struct Places {
  std::vector<Position> rules;  ///< of the names, as many as there are rules
  Position default_action;      ///< of its value; {0, 0}: it is not written
};

/// A whole policy. Rules in the order of the file: the first match decides.
struct Policy {
  std::string name;                     ///< the instance
  std::vector<std::string> interfaces;  ///< may be empty
  /// Empty, or the two ports: what passes on one leaves by the other. Then
  /// `interfaces` are these two.
  std::vector<std::string> bridge;
  Mode mode = Mode::kAuto;
  DefaultAction default_action = DefaultAction::kPass;
  MalformedAction malformed = MalformedAction::kDrop;
  std::vector<NamedAddressSet> address_sets;
  std::vector<Rule> rules;
  std::vector<PolicyTest> tests;
  std::string source;  ///< the text of the policy file, byte for byte
  /// Where its set files were looked up from, as an absolute path; empty where
  /// it names none.
  std::string folder;
  Places places;
};

}  // namespace xdpgate
