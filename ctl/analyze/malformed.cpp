// SPDX-License-Identifier: GPL-2.0-only
#include "analyze/malformed.h"

#include <algorithm>

#include "packet/build_frame.h"
#include "packet/frame_layout.h"

namespace xdpgate {
namespace {

using Frame = std::vector<std::uint8_t>;

constexpr std::size_t kEtherBytes = 14;
constexpr std::size_t kIpv4Bytes = 20;

class Spoiler {
 public:
  explicit Spoiler(const PacketSpec& spec)
      : spec_(spec), layout_(layout_of(spec)), frame_(build_frame(spec)) {}

  std::vector<Frame> run() {
    cut_to(kEtherBytes - 1);
    if (!spec_.tags.empty()) cut_to(layout_.network_at - 1);
    if (family_of(spec_)) network();
    if (layout_.l4_at) upper(*layout_.l4_at);
    return std::move(frames_);
  }

 private:
  void cut_to(std::size_t size) {
    Frame frame = frame_;
    frame.resize(std::min(size, frame.size()));
    frames_.push_back(std::move(frame));
  }
  void with_byte(std::size_t at, std::uint8_t byte) {
    Frame frame = frame_;
    if (at < frame.size()) frame[at] = byte;
    frames_.push_back(std::move(frame));
  }

  void network() {
    const std::size_t ip = layout_.network_at;
    cut_to(ip + kIpv4Bytes - 1);
    with_byte(ip, 0x00);      // version
    with_byte(ip, 0x44);      // IHL of IPv4, version of IPv6
    cut_to(layout_.end - 1);  // total length
    if (spec_.ethertype == kEtherIpv6 && layout_.upper_at > ip + 40) {
      with_byte(ip + 41, 0xff);  // beyond the end
    }
  }

  // The packet ends one byte into its upper layer, by all its lengths.
  void upper(std::size_t l4) {
    Frame frame = frame_;
    frame.resize(l4 + 1);
    const std::size_t ip = layout_.network_at;
    const bool v4 = spec_.ethertype == kEtherIpv4;
    const std::size_t length = l4 + 1 - ip - (v4 ? 0 : 40);
    const std::size_t at = ip + (v4 ? 2 : 4);
    frame[at] = static_cast<std::uint8_t>(length >> 8);
    frame[at + 1] = static_cast<std::uint8_t>(length);
    frames_.push_back(std::move(frame));
    if (spec_.protocol == 6) with_byte(l4 + 12, 0x40);  // offset below 5
    if (spec_.protocol == 17) {
      Frame lying = frame_;
      lying[l4 + 4] = 0;
      lying[l4 + 5] = 7;
      frames_.push_back(std::move(lying));
    }
  }

  const PacketSpec& spec_;
  const FrameLayout layout_;
  const Frame frame_;
  std::vector<Frame> frames_;
};

}  // namespace

std::vector<std::vector<std::uint8_t>> malformed_frames(
    const PacketSpec& spec) {
  return Spoiler(spec).run();
}

}  // namespace xdpgate
