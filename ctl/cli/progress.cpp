// SPDX-License-Identifier: GPL-2.0-only
#include "cli/progress.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <utility>

#include "base/say.h"
#include "cli/terminal.h"

namespace xdpgate {
namespace {

constexpr std::chrono::milliseconds kPatience{1000};
constexpr std::chrono::milliseconds kTick{250};

void write_line(const std::string& text) {
  say("\r\033[K{}", text);
  std::fflush(stderr);
}

}  // namespace

Progress::Progress(std::string stage) : stage_(std::move(stage)) {
  if (!has_colour(stderr)) return;
  thread_ = std::jthread(
      [this](std::stop_token stop) { show_until_stopped(std::move(stop)); });
}

Progress::~Progress() = default;  // the thread stops and wipes its line

void Progress::stage(std::string text) {
  const std::lock_guard guard(lock_);
  stage_ = std::move(text);
}

void Progress::show_until_stopped(std::stop_token stop) {
  const auto start = std::chrono::steady_clock::now();
  std::unique_lock guard(lock_);
  bool shown = false;
  auto pause = kPatience;
  while (!ended_.wait_for(guard, stop, pause, [] { return false; }) &&
         !stop.stop_requested()) {
    const std::chrono::duration<double> past =
        std::chrono::steady_clock::now() - start;
    write_line(fmt::format("{} … {:.0f} s", stage_, past.count()));
    shown = true;
    pause = kTick;
  }
  if (shown) write_line("");
}

}  // namespace xdpgate
