// SPDX-License-Identifier: GPL-2.0-only
// All packets that the reader of packets can tell apart, as a finite union of
// products. A kind of packet says which fields there are and what each of them
// may be; within a kind they are independent, as far as a rule can tell: every
// packet has a place, and few places have no packet (lengths that no header
// leaves, payload bytes that contradict a field). So what is empty here has no
// packet; what is not may have to be tried.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analyze/values.h"
#include "policy/packet.h"
#include "policy/policy.h"

namespace xdpgate {

/// The fields. Those in bytes are sets of cubes, the others numbers.
enum SpaceField : std::uint8_t {
  kInterface,  ///< its number in Space::interfaces(); behind them: any other
  kSrcMac,     ///< six bytes
  kDstMac,
  kEtherBytes,  ///< of the frame
  kEtherEnd,    ///< bytes of the frame, without padding
  kEthertype,
  kVlan,       ///< id; kNoTag: none
  kInnerVlan,  ///< likewise
  kSrc,
  kDst,
  kProtocol,
  kSrcPort,
  kDstPort,
  kTcpFlags,  ///< two bytes, the upper four bits 0
  kIcmpType,
  kIcmpCode,
  kTtl,
  kDscp,
  kEcn,
  kLength,
  kFragmentOptions,  ///< 2 * Fragment + ip_options
  kIpBytes,          ///< bytes from the IP header
  kL4Bytes,          ///< bytes from the upper layer's header
  kL4End,            ///< how many of them there are
  kDataBytes,        ///< bytes from what lies behind that
  kDataEnd,          ///< how many of them there are; 0: none, or no such place
  kUnknown,          ///< bits of what cannot be told from the packet alone
  kFields
};

inline constexpr std::uint32_t kNoTag = 0x1000;

/// "The source (or destination) is in this dynamic set."
struct InDynamicSet {
  std::string set;  ///< its name
  SpaceField side = kSrc;
};

/// Packets of one kind.
struct Kind {
  std::string_view name;
  bool well_formed = true;
  std::optional<Family> family;
  /// Without a value: packets of the kind lack the field.
  std::array<std::optional<Values>, kFields> domain;

  [[nodiscard]] bool has(SpaceField field) const {
    return domain[field].has_value();
  }
};

/// The kinds for policies that are to be compared, and the numbers of what has
/// a name in them.
class Space {
 public:
  /// Of one policy or more; they are not kept.
  explicit Space(const std::vector<const Policy*>& policies);

  [[nodiscard]] const std::vector<Kind>& kinds() const { return kinds_; }
  /// Those that any of the policies names.
  [[nodiscard]] const std::vector<std::string>& interfaces() const {
    return interfaces_;
  }
  /// Its place in interfaces(); their number where it is none of them.
  [[nodiscard]] std::uint32_t interface_number(const std::string& name) const;
  /// The bit of kUnknown that stands for the truth of `condition`, which the
  /// fields do not tell: equal conditions, equal bits.
  [[nodiscard]] std::uint32_t unknown_bit(const std::string& condition);
  /// Likewise; policies that call a set the same mean the same one.
  [[nodiscard]] std::uint32_t unknown_bit(const InDynamicSet& condition);
  /// What the bit stands for, if it is that.
  [[nodiscard]] const InDynamicSet* dynamic_set(std::uint32_t bit) const;

 private:
  void note_interfaces(const Policy& policy);
  void add_kinds(bool inner_vlan);
  void add_malformed(std::vector<Kind>& kinds) const;

  std::vector<std::string> interfaces_;
  std::map<std::string, std::uint32_t> unknown_;
  std::map<std::uint32_t, InDynamicSet> dynamic_;  ///< by bit
  bool malformed_ = false;
  std::vector<Kind> kinds_;
};

}  // namespace xdpgate
