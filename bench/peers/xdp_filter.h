// SPDX-License-Identifier: GPL-2.0-only
// xdp-filter of Debian's xdp-tools as one plain XDP program.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

struct bpf_object;

namespace xdpgate::peers {

/// xdp-filter with all features on and a list of denied source addresses;
/// move-only. It is loaded without libxdp's dispatcher, which would only add to
/// its cost.
class XdpFilter {
 public:
  /// `object` is xdpfilt_alw_all.o (what no list holds passes); `addresses` are IPv4, in network order.
  /// Errors: no such file; no privilege; more addresses than its map holds.
  [[nodiscard]] static Result<XdpFilter> load(
      const std::string& object, const std::vector<std::uint32_t>& addresses);
  [[nodiscard]] int fd() const;
  /// Packets that it let pass, by its own statistics.
  [[nodiscard]] std::uint64_t passed() const;

 private:
  struct Close {
    void operator()(bpf_object* object) const;
  };
  std::unique_ptr<bpf_object, Close> object_;
};

}  // namespace xdpgate::peers
