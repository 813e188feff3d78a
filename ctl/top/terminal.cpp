// SPDX-License-Identifier: GPL-2.0-only
#include "top/terminal.h"

#define NCURSES_NOMACROS  // functions, which have a namespace
#include <curses.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <iterator>

#include "top/keys.h"
#include "top/terminal_kind.h"

namespace xdpgate {
namespace {

constexpr int kEscapeKey = 27;
constexpr int kEscapeWait_ms = 25;  // for the rest of a sequence

int attribute_of(Style style) {
  switch (style) {
    case Style::kBold:
      return A_BOLD;
    case Style::kReverse:
      return A_REVERSE;
    case Style::kPlain:
      break;
  }
  return A_NORMAL;
}

int our_key(int key) {
  switch (key) {
    case KEY_UP:
      return kKeyUp;
    case KEY_DOWN:
      return kKeyDown;
    case KEY_PPAGE:
      return kKeyPageUp;
    case KEY_NPAGE:
      return kKeyPageDown;
    case KEY_HOME:
      return kKeyHome;
    case KEY_END:
      return kKeyEnd;
    case KEY_BACKSPACE:
    case 127:
    case '\b':
      return kKeyBackspace;
    case KEY_ENTER:
    case '\r':
    case '\n':
      return kKeyEnter;
    case kEscapeKey:
      return kKeyEscape;
    default:
      return key;
  }
}

}  // namespace

// Blocked, and told through a descriptor.
struct CursesTerminal::Signals {
  Signals() {
    sigemptyset(&set);
    for (int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) {
      sigaddset(&set, number);
    }
    ::sigprocmask(SIG_BLOCK, &set, &before);
    fd = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~Signals() { ::sigprocmask(SIG_SETMASK, &before, nullptr); }

  sigset_t set, before;
  Fd fd;
};

// What newterm() gives.
struct CursesTerminal::Screen {
  Screen() : screen(::newterm(nullptr, stdout, stdin)) {
    if (!screen) return;
    ::set_escdelay(kEscapeWait_ms);
    ::cbreak();
    ::noecho();
    ::nonl();
    ::keypad(stdscr, TRUE);
    ::nodelay(stdscr, TRUE);
    ::curs_set(0);
  }
  ~Screen() {
    if (!screen) return;
    ::endwin();
    ::delscreen(screen);
  }

  SCREEN* screen;
};

bool has_terminal() {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
}

CursesTerminal::CursesTerminal()
    : signals_(std::make_unique<Signals>()),
      screen_(std::make_unique<Screen>()) {}

CursesTerminal::~CursesTerminal() = default;

// newterm() leaves memory behind where it does not know the kind.
Result<std::unique_ptr<CursesTerminal>> CursesTerminal::open() {
  if (knows_terminal()) {
    std::unique_ptr<CursesTerminal> terminal(new CursesTerminal);
    if (terminal->screen_->screen) return terminal;
  }
  const char* kind = std::getenv("TERM");
  return failure({"draw on", "the terminal",
                  std::string("its kind is not known: TERM=") +
                      (kind ? kind : ""),
                  "TERM=xterm, or `xdpgate stats --watch 1s`"});
}

ScreenSize CursesTerminal::size() const {
  return {static_cast<std::size_t>(std::max(COLS, 1)),
          static_cast<std::size_t>(std::max(LINES, 1))};
}

void CursesTerminal::draw(const std::vector<ScreenLine>& lines) {
  ::erase();
  int y = 0;
  for (const ScreenLine& line : lines) {
    ::attrset(attribute_of(line.style));
    ::mvaddnstr(y++, 0, line.text.c_str(), static_cast<int>(line.text.size()));
  }
  ::refresh();
}

CursesTerminal::Event CursesTerminal::read_signal() {
  signalfd_siginfo info{};
  if (::read(signals_->fd.get(), &info, sizeof(info)) != sizeof(info)) {
    return Event::kKeys;
  }
  if (info.ssi_signo != SIGWINCH) return Event::kEnd;
  winsize now{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &now) == 0 && now.ws_row > 0) {
    ::resizeterm(now.ws_row, now.ws_col);
  }
  return Event::kResized;
}

CursesTerminal::Event CursesTerminal::wait(double seconds) {
  pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {signals_->fd.get(), POLLIN, 0}};
  const int milliseconds =
      static_cast<int>(std::ceil(1000 * std::max(seconds, 0.0)));
  const int ready = ::poll(fds, std::size(fds), milliseconds);
  if (ready == 0) return Event::kTime;
  if (fds[1].revents != 0) return read_signal();
  // A terminal that hung up has nothing more to read.
  const bool gone = (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
  return gone ? Event::kEnd : Event::kKeys;
}

std::optional<int> CursesTerminal::key() {
  const int key = ::getch();
  if (key == ERR) return std::nullopt;
  return our_key(key);
}

}  // namespace xdpgate
