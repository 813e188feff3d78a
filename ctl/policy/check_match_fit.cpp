// SPDX-License-Identifier: GPL-2.0-only
// Keys of one match that contradict each other: no packet can have both.
#include <fmt/format.h>

#include <algorithm>

#include "policy/check_match.h"

namespace xdpgate {
namespace {

std::string_view packets_of(const FamilyClaim& claim) {
  if (claim.v4 && claim.v6) return "IP packets";
  if (claim.v4) return "IPv4 packets";
  return claim.v6 ? "IPv6 packets" : "packets that are not IP";
}

bool disagree(const FamilyClaim& a, const FamilyClaim& b) {
  return !(a.v4 && b.v4) && !(a.v6 && b.v6);
}

// The address is at fault where one is; else what comes later.
void report(Context& context, const FamilyClaim& earlier,
            const FamilyClaim& later) {
  bool swap = earlier.is_address && !later.is_address;
  const FamilyClaim& wrong = swap ? earlier : later;
  const FamilyClaim& other = swap ? later : earlier;
  context.error(
      *wrong.at,
      fmt::format("{} matches only {}, but {} only {}", wrong.subject,
                  packets_of(wrong), other.subject, packets_of(other)),
      "no packet is both, so the rule would match nothing");
}

// In the order of the file.
template <class Claim>
std::vector<Claim> in_order(std::vector<Claim> claims) {
  std::ranges::stable_sort(claims, {},
                           [](const Claim& claim) { return claim.at->at; });
  return claims;
}

bool check_families(MatchReader& reader) {
  Families possible = possible_families(reader);
  if (possible.v4 || possible.v6) return true;
  auto claims = in_order(reader.families);
  for (std::size_t later = 1; later < claims.size(); ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      if (!disagree(claims[earlier], claims[later])) continue;
      report(reader.context, claims[earlier], claims[later]);
      return false;  // one is enough: the others follow from it
    }
  }
  return true;
}

void report(Context& context, const ProtocolClaim& earlier,
            const ProtocolClaim& later) {
  bool swap = later.needs.empty();  // `protocol` itself is never at fault
  const ProtocolClaim& wrong = swap ? earlier : later;
  const ProtocolClaim& other = swap ? later : earlier;
  if (other.needs.empty()) {
    context.error(*wrong.at,
                  fmt::format("{} needs {}, which `protocol` excludes",
                              in_quotes(wrong.key), wrong.needs),
                  "leave out one of the two keys");
    return;
  }
  context.error(
      *wrong.at,
      fmt::format("{} needs {}, but {} needs {}", in_quotes(wrong.key),
                  wrong.needs, in_quotes(other.key), other.needs),
      "no packet is both, so the rule would match nothing");
}

bool check_protocols(MatchReader& reader) {
  auto claims = in_order(reader.protocols);
  for (std::size_t later = 1; later < claims.size(); ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      const auto& a = claims[earlier].protocols;
      if (!a.intersected(claims[later].protocols).empty()) continue;
      report(reader.context, claims[earlier], claims[later]);
      return false;
    }
  }
  return true;
}

}  // namespace

Families possible_families(const MatchReader& reader) {
  Families possible;
  for (const FamilyClaim& claim : reader.families) {
    possible.v4 &= claim.v4;
    possible.v6 &= claim.v6;
  }
  return possible;
}

bool check_contradictions(MatchReader& reader) {
  bool families = check_families(reader);
  return check_protocols(reader) && families;
}

}  // namespace xdpgate
