// SPDX-License-Identifier: GPL-2.0-only
// What a running instance judges by, read back from the kernel. Nothing of the
// instance is changed or counted by looking.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "compile/image.h"

namespace xdpgate {

struct RunningImage {
  std::string instance;
  std::uint64_t generation = 0;
  Image image;                          ///< a copy of the map's bytes
  std::string program_tag;              ///< of the program in force
  std::vector<std::string> interfaces;  ///< of this namespace, that carry it
};

/// The image in force of an instance; `instance` may be empty where only one
/// runs.
[[nodiscard]] Result<RunningImage> running_image(const std::string& instance);

}  // namespace xdpgate
