// SPDX-License-Identifier: GPL-2.0-only
// What doctor makes of facts about an interface, also of cards that no test
// machine has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "bpf/xdp_features.h"
#include "doctor/interface.h"

namespace xdpgate::test {
namespace {

using testing::HasSubstr;

// A card on which nothing is amiss.
InterfaceFacts sound_card() {
  InterfaceFacts facts;
  facts.link = {.name = "eth0", .ifindex = 2, .up = true, .mtu = 1500};
  facts.driver = {"mlx5_core", "6.1.0", "0000:01:00.0"};
  facts.channels = Channels{.combined = 4, .max_combined = 8};
  facts.cpus = 4;
  facts.features = kXdpBasic | kXdpXmit | kXdpBuffers;
  facts.sends = SendAbility::kCan;
  facts.carrier = Carrier{};
  return facts;
}

Finding found(const InterfaceFacts& facts, const std::string& check,
              Mode mode) {
  const Findings all = findings_of(facts, mode);
  const auto at = std::ranges::find(all, check, &Finding::check);
  return at == all.end() ? Finding{} : *at;
}

TEST(Interface, SoundIsOkThroughout) {
  for (const Mode mode : {Mode::kAuto, Mode::kNative, Mode::kGeneric}) {
    for (const Finding& finding : findings_of(sound_card(), mode)) {
      EXPECT_EQ(finding.level, Level::kOk) << finding.check;
      EXPECT_EQ(finding.subject, "eth0");
    }
  }
}

struct Row {
  const char* name;
  std::function<void(InterfaceFacts&)> change;
  const char* check;
  Level in_auto;    ///< with --mode auto
  Level in_native;  ///< with --mode native
  const char* text;
  const char* cause;
  const char* fix;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class InterfaceRow : public testing::TestWithParam<Row> {};

TEST_P(InterfaceRow, IsOneFinding) {
  const Row& row = GetParam();
  InterfaceFacts facts = sound_card();
  row.change(facts);
  EXPECT_EQ(found(facts, row.check, Mode::kAuto).level, row.in_auto);
  const Finding finding = found(facts, row.check, Mode::kNative);
  EXPECT_EQ(finding.level, row.in_native);
  EXPECT_THAT(finding.text, HasSubstr(row.text));
  EXPECT_THAT(finding.cause, HasSubstr(row.cause));
  EXPECT_EQ(finding.fix, row.fix);
  for (const Finding& other : findings_of(facts, Mode::kAuto)) {
    if (other.check == row.check) continue;
    EXPECT_EQ(other.level, Level::kOk) << other.check;
  }
}

void make_veth(InterfaceFacts& f, std::uint32_t rx, std::uint32_t max_rx) {
  f.driver = {"veth", "1.0", ""};
  f.channels = Channels{.rx = rx, .tx = 1, .max_rx = max_rx, .max_tx = 1};
  f.peer = {"peer", {}, Channels{.rx = 1, .tx = 4, .max_rx = 4, .max_tx = 4}};
}

void carry(InterfaceFacts& f, const char* instance, const char* mode) {
  f.carrier = Carrier{.program_id = 7, .mode = mode, .instance = instance};
}

constexpr const char* kGeneric = "xdpgate apply POLICY -i eth0 --mode generic";

INSTANTIATE_TEST_SUITE_P(
    All, InterfaceRow,
    testing::Values(
        Row{"down", [](InterfaceFacts& f) { f.link.up = false; }, "link",
            Level::kWarning, Level::kWarning, "down", "no packet comes in",
            "ip link set dev eth0 up"},
        Row{"no_native", [](InterfaceFacts& f) { f.features = 0; }, "mode",
            Level::kWarning, Level::kError, "generic mode",
            "no native XDP", kGeneric},
        Row{"features_unknown", [](InterfaceFacts& f) { f.features.reset(); },
            "mode", Level::kNote, Level::kNote, "cannot say", "Linux 6.3",
            "xdpgate doctor eth0 --try"},
        Row{"refused_when_attached",
            [](InterfaceFacts& f) {
              carry(f, "edge", "generic");
              f.refused = EINVAL;
            },
            "mode", Level::kWarning, Level::kError, "generic mode",
            "Invalid argument (MTU or LRO", kGeneric},
        Row{"refused_when_tried",
            [](InterfaceFacts& f) {
              f.attempt = NativeTry{ERANGE, "MTU too large for XDP"};
            },
            "mode", Level::kWarning, Level::kError, "generic mode",
            "): MTU too large for XDP", kGeneric},
        Row{"could_not_be_tried",
            [](InterfaceFacts& f) {
              f.attempt = Result<NativeTry>(
                  failure({"attach a program to", "eth0", "busy", ""}));
            },
            "mode", Level::kError, Level::kError,
            "could not attach a program to eth0", "busy",
            "sudo xdpgate doctor eth0"},
        Row{"mtu_above_the_limit",
            [](InterfaceFacts& f) {
              f.link.mtu = 9000;
              f.features = kXdpBasic | kXdpXmit;
            },
            "mtu", Level::kWarning, Level::kError, "9000 bytes",
            "the driver takes no frames of several buffers",
            "ip link set dev eth0 mtu 1500"},
        Row{"lro", [](InterfaceFacts& f) { f.offloads.lro.on = true; }, "lro",
            Level::kWarning, Level::kError, "lro is on",
            "the card joins packets", "ethtool -K eth0 lro off"},
        Row{"gro_of_the_card",
            [](InterfaceFacts& f) { f.offloads.gro_hw.on = true; }, "lro",
            Level::kWarning, Level::kError, "rx-gro-hw is on",
            "the card joins packets", "ethtool -K eth0 rx-gro-hw off"},
        Row{"gro_that_stays",
            [](InterfaceFacts& f) { f.offloads.gro_hw = {true, true}; }, "lro",
            Level::kWarning, Level::kError, "cannot turn it off",
            "the card joins packets", kGeneric},
        Row{"half_of_ena",
            [](InterfaceFacts& f) {
              f.driver.name = "ena";
              f.channels = Channels{.combined = 8, .max_combined = 8};
            },
            "queues", Level::kWarning, Level::kError, "8 of 8",
            "ena keeps half", "ethtool -L eth0 combined 4"},
        Row{"virtio_with_room",
            [](InterfaceFacts& f) {
              f.driver.name = "virtio_net";
              f.channels = Channels{.combined = 8, .max_combined = 8};
            },
            "queues", Level::kNote, Level::kNote, "8 of 8", "take turns",
            "ethtool -L eth0 combined 4"},
        Row{"virtio_without",
            [](InterfaceFacts& f) {
              f.driver.name = "virtio_net";
              f.channels = Channels{.combined = 1, .max_combined = 1};
            },
            "queues", Level::kNote, Level::kNote, "1 of 1", "take turns",
            "-netdev tap,id=net0,queues=8 -device "
            "virtio-net-pci,netdev=net0,mq=on,vectors=18"},
        Row{"idle_queues",
            [](InterfaceFacts& f) {
              f.channels = Channels{.combined = 1, .max_combined = 8};
            },
            "queues", Level::kNote, Level::kNote, "1 of 8", "of the 4 CPUs",
            "ethtool -L eth0 combined 4"},
        Row{"veth_that_can_grow",
            [](InterfaceFacts& f) { make_veth(f, 1, 4); }, "queues",
            Level::kWarning, Level::kError, "where peer sends by 4",
            "veth refuses native mode", "ethtool -L eth0 rx 4"},
        Row{"veth_that_cannot", [](InterfaceFacts& f) { make_veth(f, 1, 1); },
            "queues", Level::kWarning, Level::kError, "where peer sends by 4",
            "veth refuses native mode", "ethtool -L peer tx 1"},
        Row{"rxvlan", [](InterfaceFacts& f) { f.offloads.rxvlan.on = true; },
            "vlan", Level::kNote, Level::kNote, "rxvlan of eth0 is on",
            "rules with `vlan`", "ethtool -K eth0 rxvlan off"},
        Row{"txvlan_of_the_other_end",
            [](InterfaceFacts& f) {
              make_veth(f, 4, 4);
              f.peer->offloads.txvlan.on = true;
            },
            "vlan", Level::kNote, Level::kNote, "txvlan of peer is on",
            "rules with `vlan`", "ethtool -K peer txvlan off"},
        Row{"somebody_elses_link",
            [](InterfaceFacts& f) {
              f.carrier = Carrier{.program_id = 12,
                                  .mode = "native",
                                  .program = "xdp_pass",
                                  .link_id = 3,
                                  .holders = {"process 9 (xdpdump)"}};
            },
            "program", Level::kError, Level::kError,
            "carries XDP program 12 (xdp_pass), held by process 9 (xdpdump) "
            "(native)",
            "one XDP program", "bpftool link detach id 3"},
        Row{"of_libxdp",
            [](InterfaceFacts& f) {
              f.carrier = Carrier{.program_id = 12,
                                  .mode = "native",
                                  .program = "xdp_dispatcher"};
              f.dispatched = {"xdpfilt_alw_all", "xdpdump"};
            },
            "program", Level::kOk, Level::kOk,
            "which apply joins: xdpfilt_alw_all, xdpdump", "", ""},
        Row{"of_a_broken_libxdp",
            [](InterfaceFacts& f) {
              f.carrier = Carrier{.program_id = 12,
                                  .mode = "native",
                                  .program = "xdp_dispatcher"};
            },
            "program", Level::kError, Level::kError, "xdp_dispatcher",
            "one XDP program", "xdp-loader unload --all eth0"},
        Row{"of_ip_link",
            [](InterfaceFacts& f) {
              f.carrier = Carrier{.program_id = 12, .mode = "generic"};
            },
            "program", Level::kError, Level::kError, "XDP program 12 (?)",
            "one XDP program", "ip link set dev eth0 xdpgeneric off"},
        Row{"that_does_not_say",
            [](InterfaceFacts& f) {
              f.carrier = failure({"ask for the XDP program of", "eth0",
                                   "Operation not permitted", ""});
            },
            "program", Level::kError, Level::kError, "does not say",
            "Operation not permitted", "ip link show dev eth0"},
        Row{"cannot_send",
            [](InterfaceFacts& f) { f.sends = SendAbility::kCannot; },
            "redirect", Level::kNote, Level::kNote, "may not deliver",
            "its driver cannot send", "xdpgate apply POLICY -i eth0"},
        Row{"may_not_say_whether_it_sends",
            [](InterfaceFacts& f) { f.sends = SendAbility::kUnknown; },
            "redirect", Level::kNote, Level::kNote, "may not deliver",
            "Linux 6.3 can",
            "apt install -t bookworm-backports linux-image-amd64"},
        Row{"veth_and_redirect",
            [](InterfaceFacts& f) { f.sends = SendAbility::kVeth; },
            "redirect", Level::kNote, Level::kNote, "may not deliver",
            "its other end has an XDP program or GRO",
            "ethtool -K PEER gro on"}),
    [](const auto& info) { return info.param.name; });

TEST(Interface, OfALargeMtuIsFineWithSeveralBuffers) {
  InterfaceFacts facts = sound_card();
  facts.link.mtu = 9000;
  EXPECT_EQ(found(facts, "mtu", Mode::kNative).level, Level::kOk);
  facts.features.reset();  // before 6.3
  EXPECT_EQ(found(facts, "mtu", Mode::kNative).level, Level::kNote);
}

TEST(Interface, ThatWasTriedInNativeModeHasNoHindrance) {
  InterfaceFacts facts = sound_card();
  facts.features.reset();
  facts.link.mtu = 9000;
  facts.offloads.gro_hw.on = true;
  facts.attempt = NativeTry{};
  for (const Finding& finding : findings_of(facts, Mode::kNative)) {
    EXPECT_EQ(finding.level, Level::kOk) << finding.check;
  }
}

TEST(Interface, OfOursInNativeModeHasNoHindrance) {
  InterfaceFacts facts = sound_card();
  carry(facts, "edge", "native");
  facts.offloads.lro.on = true;
  facts.features = kXdpBasic;
  facts.link.mtu = 9000;
  for (const Finding& finding : findings_of(facts, Mode::kNative)) {
    EXPECT_EQ(finding.level, Level::kOk) << finding.check;
  }
  EXPECT_EQ(found(facts, "program", Mode::kAuto).text,
            "carries instance `edge` of xdpgate");
}

TEST(Interface, InGenericModeAsAskedForIsOk) {
  InterfaceFacts facts = sound_card();
  facts.features = 0;
  EXPECT_EQ(found(facts, "mode", Mode::kGeneric).level, Level::kOk);
  carry(facts, "edge", "generic");
  EXPECT_EQ(found(facts, "mode", Mode::kAuto).text, "generic, as asked for");
}

}  // namespace
}  // namespace xdpgate::test
