// SPDX-License-Identifier: GPL-2.0-only
// What another process with root's rights can do to a running filter's image.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace xdpgate::test {

/// Pins a copy of the image of `generation` (".../gen-1"), changed by `change`,
/// in its place. The program goes on with the old one. A failure is the test's.
void replace_image(const std::string& generation,
                   const std::function<void(std::span<std::uint8_t>)>& change);

}  // namespace xdpgate::test
