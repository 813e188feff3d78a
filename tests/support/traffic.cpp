// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/traffic.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/support/sandbox.h"

namespace xdpgate::test {
namespace {

using namespace std::chrono_literals;

constexpr int kBurst = 24;  // far from what fills the other end's ring
constexpr auto kPause = 1ms;
constexpr auto kSinkPause = 5ms;
constexpr std::size_t kPortAt = 14 + 20 + 2;

}  // namespace

Bytes udp_to(std::uint16_t port, std::size_t data_bytes) {
  const auto length = static_cast<std::uint16_t>(8 + data_bytes);
  const auto high = [](std::uint16_t v) { return std::uint8_t(v >> 8); };
  const auto low = [](std::uint16_t v) { return std::uint8_t(v); };
  const Bytes header = {0x03, 0xe8, high(port), low(port), high(length),
                        low(length), 0, 0};
  return ether(0x0800) + ipv4({.protocol = 17}, header + zeros(data_bytes));
}

std::uint16_t port_of(const Bytes& frame) {
  if (frame.size() < kPortAt + 2 || frame[12] != 8 || frame[23] != 17) return 0;
  return static_cast<std::uint16_t>(frame[kPortAt] << 8 | frame[kPortAt + 1]);
}

Traffic::Traffic(const std::string& interface, std::vector<Bytes> frames)
    : interface_(interface),
      frames_(std::move(frames)),
      socket_(interface),
      sent_by_frame_(frames_.size()),
      drops_before_(send_drops(interface)),
      thread_([this] { send_until_stopped(); }) {}

void Traffic::stop() {
  stop_ = true;
  if (!thread_.joinable()) return;
  thread_.join();
  dropped_ = send_drops(interface_) - drops_before_;
}

void Traffic::send_until_stopped() {
  for (std::size_t frame = 0; !stop_;) {
    for (int i = 0; i < kBurst; ++i) {
      send_one(frame);
      frame = (frame + 1) % frames_.size();
    }
    std::this_thread::sleep_for(kPause);
  }
}

void Traffic::send_one(std::size_t frame) {
  if (!socket_.send(frames_[frame])) return;
  ++sent_by_frame_[frame];
  ++sent_;
}

void expect_counted(std::uint64_t counted, const Traffic& traffic,
                    std::size_t frame) {
  EXPECT_LE(counted, traffic.sent_of(frame)) << "frame " << frame;
  EXPECT_GE(counted + traffic.dropped(), traffic.sent_of(frame))
      << "frame " << frame;
}

void send(PacketSocket& socket, const Bytes& frame, int count) {
  for (int i = 1; i <= count; ++i) {
    EXPECT_TRUE(socket.send(frame));
    if (i % kBurst == 0) std::this_thread::sleep_for(kPause);
  }
}

Sink::Sink(const std::string& interface)
    : socket_(interface),
      by_port_(1 << 16),
      thread_([this] { receive_until_stopped(); }) {}

void Sink::stop() {
  stop_ = true;
  if (!thread_.joinable()) return;
  thread_.join();
  receive_all();
  missed_ += socket_.missed();
}

void Sink::receive_until_stopped() {
  while (!stop_) {
    receive_all();
    std::this_thread::sleep_for(kSinkPause);
  }
}

void Sink::receive_all() {
  while (auto frame = socket_.receive()) ++by_port_[port_of(*frame)];
}

}  // namespace xdpgate::test
