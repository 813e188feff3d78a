// SPDX-License-Identifier: GPL-2.0-only
#include "compile/texts.h"

#include <zstd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compile/layout.h"

namespace xdpgate {
namespace {

// Half a second for 100,000 rules' worth of text would be too much; this takes
// a fifth and a tenth of the space.
constexpr int kLevel = 6;

// Splits `count` texts that each end with a NUL; empty where there are fewer.
std::vector<std::string_view> split(std::string_view texts,
                                    std::uint32_t count) {
  std::vector<std::string_view> result;
  result.reserve(count);
  while (result.size() < count) {
    const auto end = texts.find('\0');
    if (end == std::string_view::npos) return {};
    result.push_back(texts.substr(0, end));
    texts.remove_prefix(end + 1);
  }
  return result;
}

std::unexpected<Error> damaged() {
  return failure({"read", "the image's texts", "they are damaged",
                  "apply the policy again"});
}

}  // namespace

Result<ImageTexts> ImageTexts::of(const ImageView& image) {
  const xg_header& h = image.header();
  const auto packed = image.packed_texts();
  if (ZSTD_getFrameContentSize(packed.data(), packed.size()) !=
      h.texts_size) {
    return damaged();  // before so many bytes are asked for
  }
  ImageTexts texts;
  texts.bytes_.resize(h.texts_size);
  const std::size_t size =
      ZSTD_decompress(texts.bytes_.data(), texts.bytes_.size(), packed.data(),
                      packed.size());
  if (ZSTD_isError(size) || size != h.texts_size) return damaged();
  const std::string_view all(texts.bytes_.data(), size);
  texts.names_ = split(all.substr(0, h.names_size), h.rule_count);
  if (texts.names_.size() != h.rule_count) return damaged();
  texts.meta_ = all.substr(h.names_size, h.meta_size);
  texts.source_ = all.substr(h.names_size + h.meta_size);
  return texts;
}

std::map<std::string, std::uint32_t> ImageTexts::ifindexes() const {
  const auto meta = nlohmann::json::parse(meta_, nullptr, false);
  if (!meta.is_object() || !meta.contains("ifindexes")) return {};
  return meta["ifindexes"].get<std::map<std::string, std::uint32_t>>();
}

std::vector<std::string> ImageTexts::devices() const {
  const auto meta = nlohmann::json::parse(meta_, nullptr, false);
  if (!meta.is_object() || !meta.contains("devices")) return {};
  return meta["devices"].get<std::vector<std::string>>();
}

Result<void> append_texts(const PlainTexts& texts,
                          std::vector<std::uint8_t>& image,
                          xg_header& header) {
  std::string all = texts.names + texts.meta;
  all += texts.source;
  std::vector<std::uint8_t> packed(ZSTD_compressBound(all.size()));
  const std::size_t size = ZSTD_compress(packed.data(), packed.size(),
                                         all.data(), all.size(), kLevel);
  if (ZSTD_isError(size)) {
    return failure({"pack", "the policy's text", ZSTD_getErrorName(size), ""});
  }
  packed.resize(size);
  header.texts_off = append(image, packed);
  header.texts_packed = static_cast<std::uint32_t>(size);
  header.texts_size = static_cast<std::uint32_t>(all.size());
  header.names_size = static_cast<std::uint32_t>(texts.names.size());
  header.meta_size = static_cast<std::uint32_t>(texts.meta.size());
  return {};
}

}  // namespace xdpgate
