// SPDX-License-Identifier: GPL-2.0-only
// Appending sections to an image under construction.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

namespace xdpgate {

/// A section that a packet reads starts on a cache line.
inline constexpr std::size_t kSectionAlign = 64;

/// Largest image: the verifier allows offsets below 2^29 in a map value.
inline constexpr std::size_t kMaxImageBytes = (std::size_t{1} << 29) - 4096;

/// Pads `image` with zeros to a multiple of kSectionAlign.
inline void align(std::vector<std::uint8_t>& image) {
  image.resize((image.size() + kSectionAlign - 1) / kSectionAlign *
               kSectionAlign);
}

/// Appends `items` at the next multiple of 16 (`aligned`: 64) bytes; returns
/// their offset. The caller checks the image's final size.
template <class T>
std::uint32_t append(std::vector<std::uint8_t>& image,
                     const std::vector<T>& items, std::size_t alignment = 16) {
  image.resize((image.size() + alignment - 1) / alignment * alignment);
  const std::size_t off = image.size();
  image.resize(off + items.size() * sizeof(T));
  if (!items.empty()) {
    std::memcpy(image.data() + off, items.data(), items.size() * sizeof(T));
  }
  return static_cast<std::uint32_t>(off);
}

}  // namespace xdpgate
