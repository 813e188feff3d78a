// SPDX-License-Identifier: GPL-2.0-only
// Matches as boxes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analyze/box.h"
#include "analyze/space.h"
#include "policy/policy.h"

namespace xdpgate {

/// Turns matches of one policy into boxes. Their values live as long as it
/// does; policy and space must outlive it.
class BoxMaker {
 public:
  BoxMaker(const Policy& policy, Space& space)
      : policy_(policy), space_(space) {}

  /// The boxes of `match`: a packet satisfies the match exactly when it lies
  /// in one of them. What cannot be told from the fields is a bit of kUnknown.
  [[nodiscard]] std::vector<FieldBox> boxes_of(const Match& match);
  /// Those of one kind.
  void add_boxes(const Match& match, const Kind& kind,
                 std::vector<FieldBox>& boxes);

 private:
  class Asker;

  [[nodiscard]] const Values* keep(Values values);
  [[nodiscard]] const Values& addresses(const AddressMatch& match,
                                        Family family);
  [[nodiscard]] Values address_union(const AddressMatch& match,
                                     Family family) const;

  const Policy& policy_;
  Space& space_;
  ValueStore store_;
  std::map<std::pair<std::uint32_t, Family>, const Values*> sets_;
};

}  // namespace xdpgate
