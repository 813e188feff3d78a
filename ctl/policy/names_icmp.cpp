// SPDX-License-Identifier: GPL-2.0-only
// ICMP types and codes, as nft calls them.
#include "policy/names.h"

namespace xdpgate {
namespace {

constexpr NamedNumber kTypesV4[] = {
    {"echo-reply", 0},           {"destination-unreachable", 3},
    {"source-quench", 4},        {"redirect", 5},
    {"echo-request", 8},         {"router-advertisement", 9},
    {"router-solicitation", 10}, {"time-exceeded", 11},
    {"parameter-problem", 12},   {"timestamp-request", 13},
    {"timestamp-reply", 14},     {"info-request", 15},
    {"info-reply", 16},          {"address-mask-request", 17},
    {"address-mask-reply", 18},
};

constexpr NamedNumber kTypesV6[] = {
    {"destination-unreachable", 1}, {"packet-too-big", 2},
    {"time-exceeded", 3},           {"parameter-problem", 4},
    {"echo-request", 128},          {"echo-reply", 129},
    {"mld-listener-query", 130},    {"mld-listener-report", 131},
    {"mld-listener-done", 132},     {"mld-listener-reduction", 132},
    {"nd-router-solicit", 133},     {"nd-router-advert", 134},
    {"nd-neighbor-solicit", 135},   {"nd-neighbor-advert", 136},
    {"nd-redirect", 137},           {"router-renumbering", 138},
    {"ind-neighbor-solicit", 141},  {"ind-neighbor-advert", 142},
    {"mld2-listener-report", 143},
};

constexpr NamedNumber kCodesV4[] = {
    {"net-unreachable", 0},  {"host-unreachable", 1},  {"prot-unreachable", 2},
    {"port-unreachable", 3}, {"frag-needed", 4},       {"net-prohibited", 9},
    {"host-prohibited", 10}, {"admin-prohibited", 13},
};

constexpr NamedNumber kCodesV6[] = {
    {"no-route", 0},         {"admin-prohibited", 1}, {"addr-unreachable", 3},
    {"port-unreachable", 4}, {"policy-fail", 5},      {"reject-route", 6},
};

}  // namespace

const NameTable& icmp_type_names(Family family) {
  static const NameTable v4(kTypesV4);
  static const NameTable v6(kTypesV6);
  return family == Family::kIpv4 ? v4 : v6;
}

const NameTable& icmp_code_names(Family family) {
  static const NameTable v4(kCodesV4);
  static const NameTable v6(kCodesV6);
  return family == Family::kIpv4 ? v4 : v6;
}

}  // namespace xdpgate
