// SPDX-License-Identifier: GPL-2.0-only
// The native engine as a question: which rule decides this frame?
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "compile/image.h"
#include "policy/policy.h"

namespace xdpgate {

/// Tells by `image`, compiled from `policy` with pseudo_ifindex(), which rule
/// decides a frame that came in by an interface; nothing where the default or
/// the packet's class does. `policy` must outlive it.
[[nodiscard]] std::function<std::optional<std::uint32_t>(
    std::span<const std::uint8_t> frame, const std::string& interface)>
native_decider(const Policy& policy, Image image);

}  // namespace xdpgate
