// SPDX-License-Identifier: GPL-2.0-only
#include "top/terminal_kind.h"

#include <curses.h>
#include <unistd.h>
// Behind <curses.h>, which it needs.
#include <term.h>

namespace xdpgate {

bool knows_terminal() {
  int error = 0;
  if (::setupterm(nullptr, STDOUT_FILENO, &error) != OK) return false;
  ::del_curterm(cur_term);
  return true;
}

}  // namespace xdpgate
