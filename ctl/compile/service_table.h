// SPDX-License-Identifier: GPL-2.0-only
// The distinct services of an image, and the tests, bitmaps and payloads
// behind them.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "compile/condition.h"
#include "compile/set_table.h"

namespace xdpgate {

/// Interns conditions whose sets have got their bits.
class ServiceTable {
 public:
  /// Service 0 is the condition that always holds.
  ServiceTable() { intern(Condition{}); }

  /// The number of `condition` (after lower_sets()).
  std::uint32_t intern(const Condition& condition);
  [[nodiscard]] const Condition& operator[](std::uint32_t number) const {
    return services_[number];
  }
  [[nodiscard]] std::size_t size() const { return services_.size(); }

 private:
  std::vector<Condition> services_;
  std::unordered_map<std::string, std::uint32_t> by_key_;
};

/// Replaces set indices by bits: the first 32 become one test of a key word a
/// side, the others keep a test each. None where two tests contradict.
[[nodiscard]] std::optional<Condition> lower_sets(const Condition& condition,
                                                  const AddressSetTable& sets);

/// Appends the table's sections to `image`, whose size is a multiple of 64:
/// services first (their offset is returned), then what they refer to.
[[nodiscard]] std::uint32_t append_services(const ServiceTable& table,
                                            std::vector<std::uint8_t>& image);

}  // namespace xdpgate
