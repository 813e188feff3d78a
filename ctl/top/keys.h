// SPDX-License-Identifier: GPL-2.0-only
// What the keys of `top` do.
#pragma once

#include "top/model.h"
#include "top/screen.h"

namespace xdpgate {

/// A character, or one of these.
enum Key : int {
  kKeyUp = 0x1000,
  kKeyDown,
  kKeyPageUp,
  kKeyPageDown,
  kKeyHome,
  kKeyEnd,
  kKeyBackspace,
  kKeyEnter,
  kKeyEscape,
};

/// Carries the key out on the model and the state; true: the user quits.
[[nodiscard]] bool press(int key, TopModel& model, ScreenState& state);

}  // namespace xdpgate
