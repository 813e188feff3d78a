// SPDX-License-Identifier: GPL-2.0-only
// A compiled policy: the bytes that the packet path reads, in the layout of
// include/xdpgate/abi.h, with the names and the source behind them.
#pragma once

#include <xdpgate/abi.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace xdpgate {

/// Counters of a program: XG_SLOT_RULE, one a rule, one a limit.
[[nodiscard]] inline std::uint32_t slot_count(const xg_header& header) {
  return XG_SLOT_RULE + header.rule_count + header.limit_count;
}

/// What drives xg_header::worst_steps.
struct WorstCase {
  std::uint32_t address_steps = 0;  ///< entries of tries, all look-ups
  std::uint32_t leaf_records = 0;   ///< of the longest leaf
  std::uint32_t leaf_rule = 0;      ///< the first rule in it
  std::uint32_t searches = 1;       ///< 1 + the rules that may not decide
};

/// An image in memory. Invariant: bytes.size() == header().size, at least
/// sizeof(xg_header), a multiple of 64.
struct Image {
  std::vector<std::uint8_t> bytes;
  WorstCase worst = {};  ///< known to the compiler only

  [[nodiscard]] const xg_header& header() const {
    return *reinterpret_cast<const xg_header*>(bytes.data());
  }
};

/// Read-only look at the tool's part of an image, which may lie in a map.
/// The bytes belong to the caller and must outlive the view.
class ImageView {
 public:
  explicit ImageView(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  explicit ImageView(const Image& image) : bytes_(image.bytes) {}

  /// Whether magic, state version, size and the bounds of every section that
  /// the tool reads are sound; the image may be of another ABI version.
  [[nodiscard]] bool valid() const;
  /// Whether its state version is this tool's.
  [[nodiscard]] bool has_known_state() const;
  /// Whether it is of this version's ABI: the native engine can judge by it.
  [[nodiscard]] bool has_known_abi() const {
    return header().abi == XG_ABI_VERSION;
  }
  [[nodiscard]] const xg_header& header() const {
    return *reinterpret_cast<const xg_header*>(bytes_.data());
  }
  [[nodiscard]] std::uint32_t rule_count() const { return header().rule_count; }
  /// That of the rule's own text as checked: a change of the rule shows.
  [[nodiscard]] std::uint64_t rule_digest(std::uint32_t rule) const;
  /// enum xg_verdict or XG_COUNT.
  [[nodiscard]] std::uint8_t rule_action(std::uint32_t rule) const;
  /// What a rule does beside its action; null where nothing.
  [[nodiscard]] const xg_effect* rule_effect(std::uint32_t rule) const;
  /// Counters that the program has: those of rules, and of limits behind them.
  [[nodiscard]] std::uint32_t slot_count() const {
    return xdpgate::slot_count(header());
  }
  /// Names, meta and source as packed; texts.h unpacks them.
  [[nodiscard]] std::span<const std::uint8_t> packed_texts() const;
  /// 32 hexadecimal digits.
  [[nodiscard]] std::string digest() const;
  /// xg_header::checksum as it should be: of the bytes as they are. Never 0.
  [[nodiscard]] std::uint64_t checksum() const;
  /// Whether they are those that were compiled. True for images of before there
  /// were checksums. Of a valid() image only.
  [[nodiscard]] bool intact() const {
    return header().checksum == 0 || header().checksum == checksum();
  }
  /// The image's bytes, as many as its header says.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const {
    return bytes_.first(header().size);
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

/// The image in words, for tests and bug reports: one line an item.
[[nodiscard]] std::string dump(const Image& image);

}  // namespace xdpgate
