// SPDX-License-Identifier: GPL-2.0-only
// policy -> image. Pure: no I/O, the same policy and options give the same
// bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "compile/image.h"
#include "policy/policy.h"

namespace xdpgate {

struct CompileOptions {
  /// The ifindex that the packet path will see for an interface name; 0 for
  /// one that does not exist (rules on it then match nothing).
  std::function<std::uint32_t(const std::string&)> ifindex;
  /// Largest image, in bytes; what the kernel allows is the most.
  std::size_t max_image_bytes = std::size_t{1} << 29;
};

/// Compiles `policy`. The only error is a policy that no image can hold: it
/// names the first rule that does not fit and the limit it meets.
[[nodiscard]] Result<Image> compile(const Policy& policy,
                                    const CompileOptions& options);

/// The pseudo ifindex of `name` where no real interfaces are at hand (replay,
/// tests): 1 + its place among the interfaces that the policy's `interfaces`
/// and then its rules name, in order of first mention; 0: not named.
[[nodiscard]] std::uint32_t pseudo_ifindex(const Policy& policy,
                                           const std::string& name);

}  // namespace xdpgate
