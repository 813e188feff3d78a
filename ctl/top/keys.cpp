// SPDX-License-Identifier: GPL-2.0-only
#include "top/keys.h"

#include <string>

namespace xdpgate {
namespace {

// While a filter is typed, which works at every letter.
void type(int key, TopModel& model, ScreenState& state) {
  std::string filter = model.filter();
  if (key == kKeyEnter || key == kKeyEscape) state.typing = false;
  if (key == kKeyEscape) filter.clear();
  if (key == kKeyBackspace && !filter.empty()) filter.pop_back();
  if (key >= ' ' && key <= '~') filter.push_back(static_cast<char>(key));
  model.set_filter(std::move(filter));
}

// True where the key is one that scrolls.
bool scroll(int key, TopModel& model) {
  const auto page = static_cast<std::ptrdiff_t>(model.page());
  switch (key) {
    case kKeyUp:
    case 'k':
      model.scroll_by(-1);
      return true;
    case kKeyDown:
    case 'j':
      model.scroll_by(1);
      return true;
    case kKeyPageUp:
      model.scroll_by(-page);
      return true;
    case kKeyPageDown:
      model.scroll_by(page);
      return true;
    case kKeyHome:
    case 'g':
      model.scroll_to(0);
      return true;
    case kKeyEnd:
    case 'G':
      model.scroll_to(model.shown());
      return true;
    default:
      return false;
  }
}

// True where the key is one that sorts.
bool sort(int key, TopModel& model) {
  switch (key) {
    case 's':
    case '>':
      model.sort_by_next(1);
      return true;
    case '<':
      model.sort_by_next(-1);
      return true;
    case 'r':
      model.reverse();
      return true;
    default:
      break;
  }
  const auto at = std::string_view("pbvtno").find(static_cast<char>(key));
  if (key > '~' || at == std::string_view::npos) return false;
  model.sort_by(static_cast<SortKey>(at));
  return true;
}

}  // namespace

bool press(int key, TopModel& model, ScreenState& state) {
  if (state.typing) {
    type(key, model, state);
  } else if (key == 'q' || key == 'Q') {
    return true;
  } else if (state.help) {
    state.help = false;
  } else if (key == 'h' || key == '?') {
    state.help = true;
  } else if (key == '/') {
    state.typing = true;
  } else if (key == kKeyEscape) {
    model.set_filter("");
  } else if (key == 'i') {
    model.hide_idle(!model.hides_idle());
  } else if (key == 'u') {
    state.in_bits = !state.in_bits;
  } else if (key == ' ') {
    state.paused = !state.paused;
  } else if (!scroll(key, model)) {
    (void)sort(key, model);
  }
  return false;
}

}  // namespace xdpgate
