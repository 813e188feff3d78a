// SPDX-License-Identifier: GPL-2.0-only
// The space of packets and matches as boxes, against the evaluator: every small
// match and every small frame, one key and two.
#include <gtest/gtest.h>

#include "analyze/rule_boxes.h"
#include "packet/packet_text.h"
#include "policy/evaluate.h"
#include "tests/analyze/place.h"
#include "tests/support/small_frames.h"
#include "tests/support/small_matches.h"

namespace xdpgate::test {
namespace {

bool asks_unknown(const FieldBox& box) { return box.asks(kUnknown); }

class SmallSpace : public testing::TestWithParam<bool> {
 protected:
  // Kinds by the number of tags are made where a rule asks for `inner_vlan`.
  SmallSpace() : policy_(policy_of(small_matches())) {
    policy_.malformed = MalformedAction::kMatch;
    if (GetParam()) return;
    std::erase_if(policy_.rules, [](const Rule& rule) {
      return rule.match.inner_vlan.has_value();
    });
  }

  // Whether boxes and evaluator agree on all small frames.
  void compare(const Match& match, BoxMaker& maker, const Space& space) {
    const auto boxes = maker.boxes_of(match);
    for (const Packet& packet : small_packets()) {
      const bool expect = matches(policy_, match, packet);
      bool in_box = false, unknown = false;
      for (const FieldBox& box : boxes) {
        if (!lies_in(packet, box, space)) continue;
        in_box = true;
        unknown = unknown || asks_unknown(box);
      }
      if (in_box == expect || (in_box && unknown)) continue;
      ADD_FAILURE() << (expect ? "no box for " : "a box too many for ")
                    << packet_summary(packet);
      return;
    }
  }

  Policy policy_;
};

// Of one that contradicts itself kinds may have more than is there to ask for.
TEST_P(SmallSpace, EveryPacketIsOfOneKind) {
  const Space space({&policy_});
  for (const Packet& packet : small_packets()) {
    std::string kinds;
    std::size_t count = 0;
    for (const Kind& kind : space.kinds()) {
      if (!is_of(packet, kind, space)) continue;
      kinds += std::string(kind.name) + " ";
      ++count;
    }
    EXPECT_GE(count, 1u) << packet_summary(packet);
    if (packet.packet_class != XG_CLASS_OK) continue;
    EXPECT_EQ(count, 1u) << packet_summary(packet) << ": " << kinds;
  }
}

TEST_P(SmallSpace, BoxesMeanTheMatch) {
  Space space({&policy_});
  BoxMaker maker(policy_, space);
  for (const Rule& rule : policy_.rules) {
    SCOPED_TRACE(rule.name);
    compare(rule.match, maker, space);
  }
}

INSTANTIATE_TEST_SUITE_P(InnerVlan, SmallSpace, testing::Bool(),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace xdpgate::test
