// SPDX-License-Identifier: GPL-2.0-only
// A line on the terminal while something takes its time.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace xdpgate {

/// Shows on standard error what is being done and for how long, once that is
/// more than a second, and wipes it away in the end. Nothing where standard
/// error is no terminal or NO_COLOR is set.
class Progress {
 public:
  explicit Progress(std::string stage);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// What is being done from now on.
  void stage(std::string text);

 private:
  void show_until_stopped(std::stop_token stop);

  std::mutex lock_;
  std::condition_variable_any ended_;
  std::string stage_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace xdpgate
