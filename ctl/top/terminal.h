// SPDX-License-Identifier: GPL-2.0-only
// The terminal of `top`; alone knows ncurses.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "top/screen.h"

namespace xdpgate {

/// Whether the standard streams are one terminal to draw on and to type at.
[[nodiscard]] bool has_terminal();

/// Takes the terminal over, and gives it back as it was when destroyed. While
/// it lives, SIGINT, SIGTERM, SIGHUP and SIGWINCH do not interrupt: wait()
/// tells of them. One at a time.
class CursesTerminal {
 public:
  /// Error: the kind of terminal ($TERM) is not known.
  [[nodiscard]] static Result<std::unique_ptr<CursesTerminal>> open();
  CursesTerminal(const CursesTerminal&) = delete;
  CursesTerminal& operator=(const CursesTerminal&) = delete;
  ~CursesTerminal();

  [[nodiscard]] ScreenSize size() const;
  void draw(const std::vector<ScreenLine>& lines);

  enum class Event : std::uint8_t {
    kTime,     ///< the time is up
    kKeys,     ///< there may be some
    kResized,
    kEnd,      ///< a signal to end, or the terminal is gone
  };
  /// Waits `seconds` at most.
  [[nodiscard]] Event wait(double seconds);
  /// A key that was pressed, as in keys.h; nothing: no more of them.
  [[nodiscard]] std::optional<int> key();

 private:
  struct Screen;
  CursesTerminal();
  [[nodiscard]] Event read_signal();

  struct Signals;
  std::unique_ptr<Signals> signals_;
  std::unique_ptr<Screen> screen_;
};

}  // namespace xdpgate
