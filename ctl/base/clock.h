// SPDX-License-Identifier: GPL-2.0-only
// The clock that the filter and the tool share.
#pragma once

#include <cstdint>
#include <ctime>

namespace xdpgate {

/// Nanoseconds of CLOCK_BOOTTIME: bpf_ktime_get_boot_ns() in the kernel.
[[nodiscard]] inline std::uint64_t boottime_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace xdpgate
