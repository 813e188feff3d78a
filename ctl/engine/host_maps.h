// SPDX-License-Identifier: GPL-2.0-only
// The native engine's twins of the maps that outlive a packet, and its clock.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "compile/element.h"
#include "compile/image.h"
#include "xdp/host_state.h"

namespace xdpgate {

/// Dynamic sets and the buckets of limits in memory. Of elements that have
/// expired, a set that is full remembers none.
class HostMaps {
 public:
  explicit HostMaps(const ImageView& image);
  HostMaps(const HostMaps&) = delete;
  HostMaps& operator=(const HostMaps&) = delete;

  /// What the packet path calls; good for as long as this lives.
  [[nodiscard]] const xg_host_state& hooks() const { return hooks_; }

  /// 0: CLOCK_BOOTTIME's own time.
  void set_clock(std::uint64_t now_ns) { now_ns_ = now_ns; }
  void add(std::uint32_t set, const xg_element& element,
           std::uint64_t expires_ns);
  void remove(std::uint32_t set, const xg_element& element);
  void forget();

 private:
  struct Set {
    std::unordered_map<xg_element, __u64, ElementHash, ElementEqual> elements;
    xg_set_lengths lengths{};
    std::size_t size = 0;
  };

  static __u64 clock(void* self);
  static const __u64* find(void* self, std::uint32_t set,
                           const xg_element* element);
  static const xg_set_lengths* lengths(void* self, std::uint32_t set);
  static long store(void* self, std::uint32_t set, const xg_element* element,
                    __u64 expires_ns);
  static xg_limit_bucket* bucket(void* self, std::uint32_t number);

  std::vector<Set> sets_;
  std::vector<xg_limit_bucket> limits_;
  std::vector<std::uint32_t> touched_;  // buckets that may not be empty
  std::uint64_t now_ns_ = 0;
  xg_host_state hooks_;
};

}  // namespace xdpgate
