// SPDX-License-Identifier: GPL-2.0-only
// The match keys: one table, one row a key. A new key is a row here, a reader
// in one of the check_match_*.cpp files, and its member of Match. Checks,
// schema and documentation are driven by the table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/check_context.h"
#include "policy/check_number.h"
#include "policy/check_sets.h"
#include "policy/policy.h"

namespace xdpgate {

/// What a key says about the network header of the packets it can match.
struct FamilyClaim {
  const Node* at;
  std::string subject;  ///< "`src: 10.0.0.0/8`"
  bool v4;
  bool v6;
  bool is_address;  ///< blamed where it contradicts other keys
};

/// What a key says about the upper-layer protocol.
struct ProtocolClaim {
  const Node* at;
  std::string_view key;
  NumberSet protocols;
  std::string_view needs;  ///< "a protocol with ports: tcp, ..."
};

/// One `match` on its way to becoming a Match.
struct MatchReader {
  Context& context;
  SetTable& sets;
  Match match = {};
  std::vector<FamilyClaim> families = {};
  std::vector<ProtocolClaim> protocols = {};
  /// ICMP is read last: its family follows from the other keys.
  std::optional<Value> icmp_type = {};
  std::optional<Value> icmp_code = {};
  const Node* icmp_type_key = nullptr;
  const Node* icmp_code_key = nullptr;
};

/// How the value of a key is written.
enum class ValueKind : std::uint8_t {
  kNames,      ///< of interfaces
  kMacs,       ///< addresses, with a mask or without
  kNumbers,    ///< numbers, names and ranges of a NumberField
  kWords,      ///< some of a few words
  kAddresses,  ///< hosts, prefixes, ranges, sets
  kPorts,      ///< as kNumbers, and sets
  kFlags,      ///< SET/MASK
  kIcmp,       ///< ICMP types or codes of either family
  kPayload,    ///< a map
};

/// What the reader of a key takes and what the schema says of it.
struct ValueForm {
  ValueKind kind = ValueKind::kNumbers;
  const NumberField* numbers = nullptr;          ///< kNumbers, kPorts
  std::span<const std::string_view> words = {};  ///< kWords; beside numbers
};

/// A key in use.
struct KeyUse {
  std::string_view name;
  const Node& key;
  const Node& value;
  const ValueForm& form;
};

/// A row of the table.
struct MatchKey {
  std::string_view name;
  std::string_view values;  ///< what may stand there, for the documentation
  std::string_view field;   ///< what it is compared with
  bool is_ip;               ///< only IP packets have the field
  void (*read)(MatchReader& reader, const KeyUse& use);
  ValueForm form;
};

/// All match keys, in the order of the documentation.
[[nodiscard]] std::span<const MatchKey> match_keys();

/// Reads the map of a `match` key (or nothing: an empty match). Wrong keys are
/// reported and left out.
[[nodiscard]] Match read_match(Context& context, SetTable& sets,
                               const Node& node);

// ---- for the readers ----

/// Reads numbers, ranges and names of the key's field; carries negation out.
[[nodiscard]] std::optional<NumberSet> read_numbers(MatchReader& reader,
                                                    const KeyUse& use);

void read_interface(MatchReader& reader, const KeyUse& use);
void read_src_mac(MatchReader& reader, const KeyUse& use);
void read_dst_mac(MatchReader& reader, const KeyUse& use);
void read_ethertype(MatchReader& reader, const KeyUse& use);
void read_vlan(MatchReader& reader, const KeyUse& use);
void read_inner_vlan(MatchReader& reader, const KeyUse& use);
void read_family(MatchReader& reader, const KeyUse& use);
void read_src(MatchReader& reader, const KeyUse& use);
void read_dst(MatchReader& reader, const KeyUse& use);
void read_protocol(MatchReader& reader, const KeyUse& use);
void read_src_port(MatchReader& reader, const KeyUse& use);
void read_dst_port(MatchReader& reader, const KeyUse& use);
void read_port(MatchReader& reader, const KeyUse& use);
void read_tcp_flags(MatchReader& reader, const KeyUse& use);
void read_icmp_type(MatchReader& reader, const KeyUse& use);
void read_icmp_code(MatchReader& reader, const KeyUse& use);
void read_ttl(MatchReader& reader, const KeyUse& use);
void read_dscp(MatchReader& reader, const KeyUse& use);
void read_ecn(MatchReader& reader, const KeyUse& use);
void read_length(MatchReader& reader, const KeyUse& use);
void read_fragment(MatchReader& reader, const KeyUse& use);
void read_ip_options(MatchReader& reader, const KeyUse& use);
void read_payload(MatchReader& reader, const KeyUse& use);

/// Resolves `icmp_type` and `icmp_code`, once all other keys are read and are
/// `consistent`; where they are not, the words are checked alone.
void finish_icmp(MatchReader& reader, bool consistent);
/// Which families all claims leave.
struct Families {
  bool v4 = true;
  bool v6 = true;
};
[[nodiscard]] Families possible_families(const MatchReader& reader);
/// Reports keys that contradict each other; false where some do.
[[nodiscard]] bool check_contradictions(MatchReader& reader);

}  // namespace xdpgate
