// SPDX-License-Identifier: GPL-2.0-only
// The XDP program as a whole: it loads with whatever a policy may turn on, and
// it judges like the native engine.
#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include <random>
#include <utility>

#include "bpf/kernel_engine.h"
#include "bpf/program.h"
#include "bpf/verifier_log.h"
#include "tests/support/engine_suite.h"
#include "tests/support/privilege.h"

namespace xdpgate::test {
namespace {

constexpr std::uint32_t kAllFeatures = XG_HAS_SRC_SETS | XG_HAS_DST_SETS |
                                       XG_HAS_SRC_CODES | XG_HAS_DST_CODES |
                                       XG_HAS_FILTER |
                                       XG_HAS_COUNT | XG_HAS_TESTS |
                                       XG_HAS_PAYLOAD | XG_HAS_LONG |
                                       XG_HAS_MACS | XG_HAS_EFFECTS |
                                       XG_HAS_REJECT | XG_HAS_REDIRECT |
                                       XG_HAS_BRIDGE | XG_HAS_DYNAMIC |
                                       XG_HAS_LIMITS | XG_HAS_BANS;

TEST(Program, LoadsWithEveryFeatureAloneAndWithAll) {
  XG_NEED_BPF();
  for (std::uint32_t bit = 1; bit <= XG_HAS_BRIDGE; bit <<= 1) {
    auto program = load_program(build({.features = bit}));
    EXPECT_TRUE(program) << "feature " << bit << ": "
                         << program.error().line();
  }
  for (bool tracing : {false, true}) {
    auto program = load_program(build({.features = kAllFeatures}),
                                {.tracing = tracing});
    EXPECT_TRUE(program) << "all: " << program.error().line();
  }
}

// Instructions that the verifier walks to load the program.
std::uint32_t verified(std::uint32_t features) {
  auto program = load_program(build({.features = features}));
  EXPECT_TRUE(program) << program.error().line();
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  if (!program || bpf_obj_get_info_by_fd(program->fd(), &info, &size) != 0) {
    return 0;
  }
  return info.verified_insns;
}

// The kernel gives up at 1,000,000, and 6.1's verifier walks more than newer
// ones: the bounds leave room for it. A change that needs more of them is a
// change of the program's nature; say in its commit why it is worth it.
TEST(Program, VerifierWalksFewInstructions) {
  XG_NEED_BPF();
  constexpr std::uint32_t kNoFeatureBound = 150'000, kAllFeaturesBound = 250'000;
  for (const auto& [features, bound] :
       {std::pair{0u, kNoFeatureBound}, {kAllFeatures, kAllFeaturesBound}}) {
    const std::uint32_t walked = verified(features);
    EXPECT_GT(walked, 1'000u) << "features " << features;
    EXPECT_LT(walked, bound) << "features " << features;
    RecordProperty("verified_insns_" + std::to_string(features),
                   std::to_string(walked));
  }
}

TEST(Program, LoadsWithALargeImage) {
  XG_NEED_BPF();
  auto engine = make_kernel_engine(
      build({.rules = {kDropTcp}, .at_least_bytes = 64 << 20}));
  ASSERT_TRUE(engine) << engine.error().line();
  EXPECT_EQ((*engine)->judge(kTcp, 1).value(), by_rule(XG_DROP, 0));
}

TEST(Program, ImageValueHasRoomBehindTheImage) {
  XG_NEED_BPF();
  const Image image = build({});
  auto program = load_program(image);
  ASSERT_TRUE(program) << program.error().line();
  EXPECT_EQ(program->image_value_bytes(), image.bytes.size() + XG_READ_MAX);
}

TEST(Program, JudgesLikeTheNativeEngine) {
  XG_NEED_BPF();
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  HostileFrames frames(seed);
  SmallRule count_ipv6 = {XG_COUNT, XG_F_IPV6, XG_F_IPV6};
  const Image image = build({.malformed = XG_MALFORMED_MATCH,
                             .features = XG_HAS_COUNT | XG_HAS_MACS,
                             .rules = {count_ipv6, kDropTcp, kPassUdp}});
  const auto native = make_native_engine(image);
  const auto kernel = make_kernel_engine(image);
  ASSERT_TRUE(kernel) << kernel.error().line();
  for (int round = 0; round < 10'000; ++round) {
    const Bytes frame = frames.next();
    ASSERT_EQ((*kernel)->judge(frame, 1).value(),
              native->judge(frame, 1).value());
  }
  EXPECT_EQ(counts_text((*kernel)->counters().value()),
            counts_text(native->counters().value()));
}

TEST(Program, TimesAFrameWithoutCountingIt) {
  XG_NEED_BPF();
  const auto engine = make_kernel_engine(build({}));
  ASSERT_TRUE(engine) << engine.error().line();
  const auto nanoseconds = time_frame(**engine, kTcp, 1'000);
  ASSERT_TRUE(nanoseconds) << nanoseconds.error().line();
  EXPECT_GT(*nanoseconds, 0u);
  EXPECT_EQ(counts_text((*engine)->counters().value()), "");
}

TEST(VerifierLog, LastWordsLeaveStatisticsOut) {
  EXPECT_EQ(verifier_last_words("0: (79) r6 = *(u64 *)(r1 +0)\n"
                                "17: (71) r0 = *(u8 *)(r6 +0)\n"
                                "invalid access to packet, off=0 size=1\n"
                                "R6 offset is outside of the packet\n"
                                "verification time 12 usec\n"
                                "stack depth 0\n"
                                "processed 18 insns (limit 1000000)\n\n"),
            "invalid access to packet, off=0 size=1: "
            "R6 offset is outside of the packet");
  EXPECT_EQ(verifier_last_words("one"), "one");
  EXPECT_EQ(verifier_last_words(""), "");
}

INSTANTIATE_TEST_SUITE_P(Kernel, EngineSuite,
                         testing::Values(EngineKind{make_kernel_engine,
                                                    true}));

}  // namespace
}  // namespace xdpgate::test
