// SPDX-License-Identifier: GPL-2.0-only
// Steady traffic through an interface while a test does other things, counted
// at both ends.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/frame_bytes.h"
#include "tests/support/packet_socket.h"

namespace xdpgate::test {

/// A UDP datagram over IPv4 from port 1000 to `port`, with `data_bytes` of
/// zeros.
[[nodiscard]] Bytes udp_to(std::uint16_t port, std::size_t data_bytes = 18);
/// The destination port of such a frame; 0 for others.
[[nodiscard]] std::uint16_t port_of(const Bytes& frame);

/// Sends `frames` in turn, some ten thousand a second, until stopped. What
/// the interface drops on the way is known once stopped.
class Traffic {
 public:
  Traffic(const std::string& interface, std::vector<Bytes> frames);
  ~Traffic() { stop(); }

  void stop();
  /// Frames given to the interface so far.
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  /// Of frame number `frame`; once stopped.
  [[nodiscard]] std::uint64_t sent_of(std::size_t frame) const {
    return sent_by_frame_[frame];
  }
  /// Sent, and not taken by the other end; once stopped.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  void send_until_stopped();
  void send_one(std::size_t frame);

  std::string interface_;
  std::vector<Bytes> frames_;
  PacketSocket socket_;
  std::vector<std::uint64_t> sent_by_frame_;
  std::atomic<std::uint64_t> sent_ = 0;
  std::uint64_t drops_before_ = 0, dropped_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

/// Fails the test unless `counted` is what was sent of that frame; what the
/// interface dropped may have been of any kind.
void expect_counted(std::uint64_t counted, const Traffic& traffic,
                    std::size_t frame);

/// Sends `frame` `count` times, slowly enough that nothing is dropped.
void send(PacketSocket& socket, const Bytes& frame, int count);

/// Counts what comes in through an interface, by destination port.
class Sink {
 public:
  explicit Sink(const std::string& interface);
  ~Sink() { stop(); }

  void stop();
  /// Frames to `port` so far.
  [[nodiscard]] std::uint64_t to(std::uint16_t port) const {
    return by_port_[port];
  }
  /// Frames that came in and could not be read in time; once stopped.
  [[nodiscard]] std::uint64_t missed() const { return missed_; }

 private:
  void receive_until_stopped();
  void receive_all();

  PacketSocket socket_;
  std::vector<std::atomic<std::uint64_t>> by_port_;
  std::uint64_t missed_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace xdpgate::test
