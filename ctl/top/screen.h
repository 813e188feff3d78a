// SPDX-License-Identifier: GPL-2.0-only
// The lines of `top` on a screen of any size, as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "top/model.h"

namespace xdpgate {

struct ScreenSize {
  std::size_t columns = 80, lines = 24;
};

enum class Style : std::uint8_t { kPlain, kBold, kReverse };

struct ScreenLine {
  std::string text;  ///< ASCII, at most as long as the screen is wide
  Style style = Style::kPlain;
};

/// What the screen shows beside the model.
struct ScreenState {
  bool in_bits = true;       ///< bits a second, not bytes
  bool paused = false;
  bool help = false;         ///< the keys, instead of the rows
  bool typing = false;       ///< a filter is being typed
  double interval_s = 1;
};

/// "0", "0.5", "999", "1.23k", "45.6M": at most five characters.
[[nodiscard]] std::string short_number(double value);

/// How many rows fit, for TopModel::set_page().
[[nodiscard]] std::size_t page_of(const ScreenSize& size);

/// At most `size.lines` lines. Only rows on the screen are looked at.
[[nodiscard]] std::vector<ScreenLine> screen_of(const TopModel& model,
                                                const ScreenState& state,
                                                const ScreenSize& size);

}  // namespace xdpgate
