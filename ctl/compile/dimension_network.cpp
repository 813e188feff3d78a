// SPDX-License-Identifier: GPL-2.0-only
// ttl, dscp, ecn, length, fragment, ip_options, payload.
#include "compile/dimension.h"

namespace xdpgate {
namespace {

Dimension number_dimension(xg_word word, unsigned shift, std::uint32_t mask,
                           const NumberSet& numbers) {
  Dimension dimension;
  if (!numbers.empty()) {
    dimension.any_of.push_back(number_condition(word, shift, mask, numbers));
  }
  return dimension;
}

// First and later are one flag each; neither is "none".
Dimension fragment_dimension(const FragmentMatch& match) {
  Dimension dimension;
  if (match.none) {
    dimension.any_of.push_back(
        flag_condition(0, XG_F_FRAG_FIRST | XG_F_FRAG_LATER));
  }
  if (match.first) dimension.any_of.push_back(flag_condition(XG_F_FRAG_FIRST));
  if (match.later) dimension.any_of.push_back(flag_condition(XG_F_FRAG_LATER));
  if (match.none && match.first && match.later) dimension.any_of = {{}};
  return dimension;
}

Dimension payload_dimension(const PayloadMatch& match) {
  Test test;
  test.kind = XG_TEST_PAYLOAD;
  test.word = static_cast<std::uint8_t>(match.base);
  test.negated = match.negated;
  test.b = match.offset;
  test.bytes = match.bytes;
  test.bytes_mask = match.mask;
  Dimension dimension;
  dimension.any_of.emplace_back();
  dimension.any_of.back().tests.push_back(std::move(test));
  return dimension;
}

static_assert(static_cast<int>(PayloadBase::kEther) == XG_BASE_ETHER);
static_assert(static_cast<int>(PayloadBase::kIp) == XG_BASE_IP);
static_assert(static_cast<int>(PayloadBase::kL4) == XG_BASE_L4);
static_assert(static_cast<int>(PayloadBase::kData) == XG_BASE_DATA);

}  // namespace

void add_network_dimensions(const Match& match, Dimensions& dimensions) {
  if (match.ttl) {
    dimensions.push_back(number_dimension(XG_W_IP, 8, 0xff, *match.ttl));
  }
  if (match.dscp) {
    dimensions.push_back(number_dimension(XG_W_IP, 2, 0x3f, *match.dscp));
  }
  if (match.ecn) {
    dimensions.push_back(number_dimension(XG_W_IP, 0, 0x3, *match.ecn));
  }
  if (match.length) {
    dimensions.push_back(
        number_dimension(XG_W_LENGTH, 0, XG_LENGTH_MAX, *match.length));
  }
  if (match.fragment) {
    dimensions.push_back(fragment_dimension(*match.fragment));
  }
  if (match.ip_options) {
    dimensions.push_back(
        {{*match.ip_options ? flag_condition(XG_F_OPTIONS)
                            : flag_condition(0, XG_F_OPTIONS)},
         {}});
  }
  for (const PayloadMatch& payload : match.payload) {
    dimensions.push_back(payload_dimension(payload));
  }
}

}  // namespace xdpgate
