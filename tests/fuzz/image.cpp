// SPDX-License-Identifier: GPL-2.0-only
// An image that another root process has written over, as commands find it in
// a map: an input is bytes laid over a sound one, each four say where and what.
#include <xdpgate/abi.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "compile/compile.h"
#include "compile/texts.h"
#include "engine/engine.h"
#include "policy/load.h"
#include "tests/support/random_packets.h"
#include "tests/support/random_policy.h"

namespace xdpgate::fuzz {
namespace {

constexpr std::size_t kImages = 32;
constexpr std::size_t kMostBytes = 16'384;  // larger ones are slow to copy
constexpr std::size_t kMostBuckets = 65'536;  // nor is their memory of interest
constexpr int kFrames = 8;

std::vector<Image> make_images() {
  std::vector<Image> images;
  for (std::uint64_t seed = 0; images.size() < kImages; ++seed) {
    Diagnostics diagnostics;
    const auto policy =
        parse_policy(test::random_policy_text(seed), "policy", diagnostics);
    auto image = compile(*policy, {});
    if (image->bytes.size() <= kMostBytes) images.push_back(std::move(*image));
  }
  return images;
}

void write_over(Image& image, const std::uint8_t* data, std::size_t size) {
  for (; size >= 4; data += 4, size -= 4) {
    const std::size_t at = data[0] | data[1] << 8 | (data[2] & 0x0f) << 16;
    image.bytes[at % image.bytes.size()] = data[3];
  }
}

void read_texts(const ImageView& view) {
  const auto texts = ImageTexts::of(view);
  if (!texts) return;
  for (std::uint32_t i = 0; i < view.rule_count(); ++i) {
    (void)texts->rule_name(i);
    (void)view.rule_digest(i);
    (void)view.rule_effect(i);
  }
  (void)texts->ifindexes();
  (void)texts->devices();
}

void judge(const Image& image) {
  const auto native = make_native_engine(image);
  test::RandomPackets packets(1);
  for (int i = 0; i < kFrames; ++i) (void)native->judge(packets.next(), 1);
}

}  // namespace
}  // namespace xdpgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace xdpgate;
  static const auto images = fuzz::make_images();
  if (size == 0) return -1;
  Image image = images[data[0] % images.size()];
  fuzz::write_over(image, data + 1, size - 1);
  const ImageView view(image);
  if (!view.valid() || !view.has_known_abi()) return 0;
  fuzz::read_texts(view);
  if (view.header().size != image.bytes.size()) return 0;
  if (view.header().limit_buckets <= fuzz::kMostBuckets) fuzz::judge(image);
  return 0;
}
