// SPDX-License-Identifier: GPL-2.0-only
// The texts behind an image's tables: rule names, what the policy says beside
// its rules, and its source. They are packed by zstd, since a large policy's
// text would otherwise be most of its image, and nothing on the packet path
// reads them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "compile/image.h"

namespace xdpgate {

/// The texts of an image, unpacked; owns them.
class ImageTexts {
 public:
  /// Error: the packed bytes are damaged.
  [[nodiscard]] static Result<ImageTexts> of(const ImageView& image);

  [[nodiscard]] std::string_view rule_name(std::uint32_t rule) const {
    return names_[rule];
  }
  /// JSON object {"devices","interfaces","mode","name","sets"} (set_info.h reads
  /// the last); where rules name interfaces their "ifindexes", by name, and
  /// where the policy names set files the "folder" that they were looked up from.
  [[nodiscard]] std::string_view meta() const { return meta_; }
  /// Indexes of the interfaces that rules name, as they were compiled for.
  [[nodiscard]] std::map<std::string, std::uint32_t> ifindexes() const;
  /// The interfaces that packets leave by, by slot of the map `devices`.
  [[nodiscard]] std::vector<std::string> devices() const;
  [[nodiscard]] std::string_view source() const { return source_; }

 private:
  std::vector<char> bytes_;  ///< what the views below look at
  std::vector<std::string_view> names_;
  std::string_view meta_, source_;
};

/// Texts to be packed.
struct PlainTexts {
  std::string names;  ///< each ended by a NUL, in policy order
  std::string meta;
  std::string_view source;
};

/// Appends the packed texts to `image` and notes in `header` where they are.
/// Error: no memory.
[[nodiscard]] Result<void> append_texts(const PlainTexts& texts,
                                        std::vector<std::uint8_t>& image,
                                        xg_header& header);

}  // namespace xdpgate
