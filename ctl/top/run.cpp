// SPDX-License-Identifier: GPL-2.0-only
#include "top/run.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "top/keys.h"
#include "top/reader.h"
#include "top/screen.h"
#include "top/terminal.h"

namespace xdpgate {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kFirstRates_s = 0.5;  // nobody wants to wait for the first

class Top {
 public:
  Top(const TopRequest& request, SampleReader& reader, CursesTerminal& terminal)
      : request_(request), reader_(reader), terminal_(terminal) {
    state_.interval_s = request.interval_s;
    model_.sort_by(request.sort);
    model_.set_filter(request.filter);
    model_.hide_idle(request.hide_idle);
  }

  void run(Sample first) {
    model_.update(std::move(first));
    const double first_rates_s = std::min(request_.interval_s, kFirstRates_s);
    auto next = Clock::now() + to_ticks(first_rates_s);
    for (bool ends = false; !ends;) {
      if (Clock::now() >= next) {
        next = Clock::now() + to_ticks(request_.interval_s);
        if (!state_.paused) read();
      }
      draw();
      const std::chrono::duration<double> left = next - Clock::now();
      ends = handle(terminal_.wait(left.count()));
    }
  }

 private:
  static Clock::duration to_ticks(double seconds) {
    return std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(seconds));
  }

  void draw() {
    const ScreenSize size = terminal_.size();
    model_.set_page(page_of(size));
    terminal_.draw(screen_of(model_, state_, size));
  }

  // True: it ends.
  bool handle(CursesTerminal::Event event) {
    switch (event) {
      case CursesTerminal::Event::kTime:
      case CursesTerminal::Event::kResized:
        return false;
      case CursesTerminal::Event::kKeys:
        while (const auto key = terminal_.key()) {
          if (press(*key, model_, state_)) return true;
        }
        return false;
      case CursesTerminal::Event::kEnd:
        break;
    }
    return true;
  }

  // An instance that is gone may come back: it is waited for.
  void read() {
    auto sample = reader_.read();
    if (sample) {
      model_.update(std::move(*sample));
    } else {
      model_.fail(sample.error().line());
    }
  }

  const TopRequest& request_;
  SampleReader& reader_;
  CursesTerminal& terminal_;
  TopModel model_;
  ScreenState state_;
};

}  // namespace

Result<void> run_top(const TopRequest& request) {
  SampleReader reader(request.instance);
  auto first = reader.read();
  if (!first) return std::unexpected(first.error());
  auto terminal = CursesTerminal::open();
  if (!terminal) return std::unexpected(terminal.error());
  Top(request, reader, **terminal).run(std::move(*first));
  return {};
}

}  // namespace xdpgate
