// SPDX-License-Identifier: GPL-2.0-only
// Set files: one address, prefix, range or port a line; comments start with
// `#` or `;`. Written for a million lines a second.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/interval_set.h"
#include "policy/names_address.h"
#include "policy/policy.h"

namespace xdpgate {

/// Elements of an address set on their way to becoming an AddressSet.
struct AddressElements {
  std::vector<Interval<std::uint32_t>> v4;
  std::vector<Interval<U128>> v6;

  void add(const AddressRange& range);
  /// Sorts and merges what was added; empties this.
  [[nodiscard]] AddressSet take();
};

/// Elements of a port set.
using PortElements = std::vector<Interval<std::uint32_t>>;

/// Adds the elements of `text`, the file `path`. Wrong lines go to
/// `diagnostics`, at most kMaxSetFileErrors of them.
void read_address_file(std::string_view text, const std::string& path,
                       Diagnostics& diagnostics, AddressElements& elements);
void read_port_file(std::string_view text, const std::string& path,
                    Diagnostics& diagnostics, PortElements& elements);

}  // namespace xdpgate
