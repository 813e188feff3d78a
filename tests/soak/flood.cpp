// SPDX-License-Identifier: GPL-2.0-only
// The traffic of tests/soak/run: the frames of a capture, in turn and as fast as
// they go, into an interface until SIGTERM or SIGINT. Then one line of JSON says
// how many were sent. Interfaces named with --sink get a program that takes
// whatever comes in.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/peers/generator.h"
#include "bench/peers/spec.h"

namespace xdpgate::peers {
namespace {

constexpr std::uint32_t kPass = 65'536;  // frames between looks at signals

// Blocked, since a signal would cut a pass short; whether one has come.
class Stop {
 public:
  Stop() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &signals_, nullptr);
  }
  [[nodiscard]] bool asked() const {
    const timespec now{};
    return ::sigtimedwait(&signals_, nullptr, &now) > 0;
  }

 private:
  sigset_t signals_;
};

int refuse(const Error& error) {
  fmt::print(stderr, "xg_flood: {}\n", error.line());
  return 3;
}

int flood(const std::string& capture, const std::string& to,
          const std::vector<std::string>& sinks) {
  const auto frames = read_frames(capture);
  if (!frames) return refuse(frames.error());
  auto generator = Generator::create(*frames);
  if (!generator) return refuse(generator.error());
  for (const std::string& sink : sinks) {
    auto attached = attach_native(sink, generator->sink_fd());
    if (!attached) return refuse(attached.error());
  }
  const Stop stop;
  std::uint64_t sent = 0;
  while (!stop.asked()) {
    const auto pass = generator->pass(to, kPass);
    if (!pass) return refuse(pass.error());
    sent += pass->frames;
  }
  fmt::print("{{\"sent\": {}, \"frames\": {}}}\n", sent, frames->size());
  return 0;
}

}  // namespace
}  // namespace xdpgate::peers

int main(int argc, char** argv) {
  CLI::App app("Frames as fast as they go");
  std::string capture, to;
  std::vector<std::string> sinks;
  app.add_option("capture", capture, "pcap of the frames")->required();
  app.add_option("--to", to, "interface to send into")->required();
  app.add_option("--sink", sinks, "interface that drops what comes in");
  CLI11_PARSE(app, argc, argv);
  return xdpgate::peers::flood(capture, to, sinks);
}
