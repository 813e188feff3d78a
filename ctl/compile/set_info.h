// SPDX-License-Identifier: GPL-2.0-only
// What an image says of its policy's dynamic sets, for those who run it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "compile/image.h"

namespace xdpgate {

/// A dynamic set as the policy defines it.
struct SetInfo {
  std::string name;
  std::uint32_t size = 0;        ///< most elements
  std::uint64_t timeout_ns = 0;  ///< of elements added without one; 0: none
  bool banned = false;           ///< rules put sources into it
};

/// The dynamic sets by number. Error: the image's texts are damaged.
[[nodiscard]] Result<std::vector<SetInfo>> set_infos(const ImageView& image);

}  // namespace xdpgate
