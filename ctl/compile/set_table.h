// SPDX-License-Identifier: GPL-2.0-only
// The address sets that an image needs: the policy's named ones and those that
// stand for long lists, each once, ranked by how many rules use them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "policy/policy.h"

namespace xdpgate {

/// Interns address sets. Indices are stable; bits are given by rank().
class AddressSetTable {
 public:
  /// `policy` must outlive the table.
  explicit AddressSetTable(const Policy& policy);

  /// The index of the policy's set number `named`.
  std::uint32_t use_named(std::uint32_t named);
  /// The index of a set with these elements, made where there is none.
  std::uint32_t use_listed(const AddressSet& elements);

  /// Gives bits 0, 1, ... to the sets in falling order of use.
  void rank();
  /// The bit of a set after rank().
  [[nodiscard]] std::uint32_t bit(std::uint32_t index) const {
    return bits_[index];
  }
  /// The sets in the order of their bits, after rank().
  [[nodiscard]] std::vector<const AddressSet*> by_bit() const;
  [[nodiscard]] const AddressSet& elements(std::uint32_t index) const {
    return *sets_[index];
  }
  [[nodiscard]] std::size_t size() const { return sets_.size(); }

 private:
  std::uint32_t add(const AddressSet* elements);

  const Policy& policy_;
  std::vector<const AddressSet*> sets_;
  std::vector<std::uint64_t> uses_;
  std::vector<std::uint32_t> bits_;
  std::unordered_map<std::uint32_t, std::uint32_t> named_;
  std::deque<AddressSet> listed_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_hash_;
};

}  // namespace xdpgate
