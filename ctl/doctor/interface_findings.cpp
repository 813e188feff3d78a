// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "bpf/link.h"
#include "bpf/xdp_features.h"
#include "doctor/interface.h"

namespace xdpgate {
namespace {

// What a page holds of a frame, behind XDP's headroom and before the kernel's
// own notes: with 4096-byte pages. Drivers stay below it.
constexpr std::uint32_t kOneBuffer = 3506;
constexpr std::uint32_t kUsualMtu = 1500;

// The findings of one interface.
class Examination {
 public:
  Examination(const InterfaceFacts& facts, Mode mode)
      : facts_(facts), name_(facts.link.name), mode_(mode) {}

  Findings findings() const {
    return {link(),   driver(), program(), mode(),
            mtu(),    lro(),    queues(),  vlan(),
            redirect()};
  }

 private:
  Finding ok(const char* check, std::string text) const {
    return {name_, check, Level::kOk, std::move(text), "", ""};
  }
  // How much it matters that native mode cannot be had.
  Level without_native() const {
    if (mode_ == Mode::kNative) return Level::kError;
    return mode_ == Mode::kGeneric ? Level::kNote : Level::kWarning;
  }
  bool is_native() const {
    return facts_.carrier && !facts_.carrier->instance.empty() &&
           facts_.carrier->mode == "native";
  }
  // Also where it was had for a moment.
  bool had_native() const {
    return is_native() || (facts_.attempt && *facts_.attempt &&
                           (*facts_.attempt)->refused == 0);
  }
  bool is_driver(const char* name) const { return facts_.driver.name == name; }

  Finding link() const {
    if (facts_.link.up) return ok("link", "up");
    return {name_,
            "link",
            Level::kWarning,
            "down",
            "no packet comes in; some drivers refuse XDP until it is up",
            fmt::format("ip link set dev {} up", name_)};
  }

  Finding driver() const {
    if (facts_.driver.name.empty()) return ok("driver", "none");
    std::string text = facts_.driver.name;
    if (!facts_.driver.version.empty()) text += " " + facts_.driver.version;
    if (!facts_.driver.bus.empty()) text += " at " + facts_.driver.bus;
    return ok("driver", std::move(text));
  }

  Finding program() const {
    if (!facts_.carrier) {
      const Error& error = facts_.carrier.error();
      return {name_,       "program",
              Level::kError, "it does not say which XDP program it carries",
              error.cause, "ip link show dev " + name_};
    }
    const Carrier& carrier = *facts_.carrier;
    if (carrier.program_id == 0) return ok("program", "no XDP program yet");
    if (!carrier.instance.empty()) {
      return ok("program", "carries " + carrier.in_words());
    }
    if (facts_.dispatched) {
      return ok("program",
                fmt::format("carries libxdp's dispatcher, which apply joins: "
                            "{}",
                            fmt::join(*facts_.dispatched, ", ")));
    }
    return {name_,
            "program",
            Level::kError,
            fmt::format("carries {} ({})", carrier.in_words(), carrier.mode),
            "an interface carries one XDP program, and this is not xdpgate's",
            carrier.removal(name_)};
  }

  Finding generic_only(std::string cause) const {
    return {name_,
            "mode",
            without_native(),
            "generic mode: slower, behind the kernel's receive path",
            std::move(cause),
            fmt::format("xdpgate apply POLICY -i {} --mode generic", name_)};
  }

  Finding mode() const {
    if (facts_.carrier && !facts_.carrier->instance.empty()) {
      return mode_in_force();
    }
    if (facts_.attempt) return mode_as_tried();
    if (mode_ == Mode::kGeneric) return ok("mode", "generic, as asked for");
    if (!facts_.features) {
      return {name_,
              "mode",
              Level::kNote,
              "this kernel cannot say whether the driver has native XDP",
              "Linux 6.3 can; apply finds out by trying, as this does",
              fmt::format("xdpgate doctor {} --try", name_)};
    }
    if (*facts_.features & kXdpBasic) {
      return ok("mode", "the driver has native XDP");
    }
    return generic_only("the driver has no native XDP");
  }

  Finding mode_in_force() const {
    if (is_native()) return ok("mode", "native");
    if (facts_.refused == 0) return ok("mode", "generic, as asked for");
    return generic_only("native mode was refused: " +
                        native_refusal(facts_.refused));
  }

  Finding mode_as_tried() const {
    const Result<NativeTry>& attempt = *facts_.attempt;
    if (!attempt) {
      return {name_,
              "mode",
              Level::kError,
              fmt::format("could not {} {}", attempt.error().operation,
                          attempt.error().object),
              attempt.error().cause,
              "sudo xdpgate doctor " + name_};
    }
    if (attempt->refused == 0) return ok("mode", "native, as tried");
    std::string cause =
        "native mode is refused: " + native_refusal(attempt->refused);
    if (!attempt->words.empty()) cause += ": " + attempt->words;
    return generic_only(std::move(cause));
  }

  Finding mtu() const {
    const std::uint32_t mtu = facts_.link.mtu;
    std::string text = fmt::format("{} bytes", mtu);
    // A tun device copies what is larger behind the program's back.
    const bool fits = mtu <= kOneBuffer || had_native() || is_driver("tun");
    const std::uint64_t features = facts_.features.value_or(kXdpBasic);
    if (fits || (features & kXdpBuffers) || !(features & kXdpBasic)) {
      return ok("mtu", std::move(text));
    }
    return {name_,
            "mtu",
            facts_.features ? without_native() : Level::kNote,
            std::move(text),
            fmt::format("{} takes no frames of several buffers, so native "
                        "mode takes an MTU of {} at most, of some drivers "
                        "less",
                        facts_.features ? "the driver" : "maybe the driver",
                        kOneBuffer),
            fmt::format("ip link set dev {} mtu {}", name_, kUsualMtu)};
  }

  Finding lro() const {
    const Offloads& offloads = facts_.offloads;
    const bool joins = offloads.lro.on || offloads.gro_hw.on;
    if (!joins) return ok("lro", "off");
    if (had_native()) return ok("lro", "on; native mode is had all the same");
    const bool is_lro = offloads.lro.on;
    const bool fixed = is_lro ? offloads.lro.fixed : offloads.gro_hw.fixed;
    const char* word = is_lro ? "lro" : "rx-gro-hw";
    return {name_,
            "lro",
            without_native(),
            fmt::format("{} is on{}", word,
                        fixed ? ", and the driver cannot turn it off" : ""),
            "the card joins packets before the filter sees them; drivers "
            "refuse native mode then",
            fixed ? fmt::format("xdpgate apply POLICY -i {} --mode generic",
                                name_)
                  : fmt::format("ethtool -K {} {} off", name_, word)};
  }

  Finding queues() const {
    if (!facts_.channels) return ok("queues", "the driver does not tell");
    const Channels& channels = *facts_.channels;
    if (is_driver("veth")) return veth_queues(channels);
    if (is_driver("ena") && channels.combined > channels.max_combined / 2 &&
        channels.max_combined > 1) {
      return few_queues(
          without_native(), channels,
          "ena keeps half of its queues for what XDP sends",
          channels.max_combined / 2);
    }
    if (is_driver("virtio_net") &&
        channels.combined + facts_.cpus > channels.max_combined) {
      return virtio_queues(channels);
    }
    const std::uint32_t useful =
        std::min(facts_.cpus, channels.max_combined);
    if (channels.combined != 0 && channels.combined < useful) {
      return few_queues(Level::kNote, channels,
                        fmt::format("with more of them, more of the {} CPUs "
                                    "filter",
                                    facts_.cpus),
                        useful);
    }
    return ok("queues", queue_text(channels));
  }

  static std::string queue_text(const Channels& channels) {
    return fmt::format("{} to receive, {} to send", channels.receiving(),
                       channels.sending());
  }

  Finding few_queues(Level level, const Channels& channels, std::string cause,
                     std::uint32_t combined) const {
    return {name_,
            "queues",
            level,
            fmt::format("{} of {} that the card has", channels.combined,
                        channels.max_combined),
            std::move(cause),
            fmt::format("ethtool -L {} combined {}", name_, combined)};
  }

  // One for each CPU to send by, beside those in use, or none at all.
  Finding virtio_queues(const Channels& channels) const {
    Finding finding = few_queues(
        Level::kNote, channels,
        "virtio_net has none left for each CPU to send by: in native mode "
        "`reject` and `redirect` take turns",
        channels.max_combined - std::min(channels.max_combined, facts_.cpus));
    if (channels.max_combined <= facts_.cpus) {  // more are QEMU's to give
      finding.fix = fmt::format(
          "-netdev tap,id=net0,queues={0} -device "
          "virtio-net-pci,netdev=net0,mq=on,vectors={1}",
          2 * facts_.cpus, 4 * facts_.cpus + 2);
    }
    return finding;
  }

  Finding veth_queues(const Channels& channels) const {
    const auto& peer = facts_.peer;
    if (!peer || !peer->channels || channels.rx >= peer->channels->tx) {
      return ok("queues", queue_text(channels));
    }
    const std::uint32_t sends = peer->channels->tx;
    const bool can_grow = channels.max_rx >= sends;
    return {name_,
            "queues",
            without_native(),
            fmt::format("{} to receive, where {} sends by {}", channels.rx,
                        peer->name, sends),
            "veth refuses native mode with fewer than its other end sends by",
            can_grow ? fmt::format("ethtool -L {} rx {}", name_, sends)
                     : fmt::format("ethtool -L {} tx {}", peer->name,
                                   channels.rx)};
  }

  Finding vlan() const {
    // To a veth a tag comes beside the frame if its other end sends it so.
    const bool is_veth = is_driver("veth") && facts_.peer;
    const Offload& offload =
        is_veth ? facts_.peer->offloads.txvlan : facts_.offloads.rxvlan;
    if (!offload.on || (is_driver("veth") && !facts_.peer)) {
      return ok("vlan", "tags stay in the frame");
    }
    const std::string& at = is_veth ? facts_.peer->name : name_;
    const char* word = is_veth ? "txvlan" : "rxvlan";
    return {name_,
            "vlan",
            Level::kNote,
            fmt::format("{} of {} is on", word, at),
            "the outermost VLAN tag comes beside the frame, where no XDP "
            "program sees it: rules with `vlan` take such a packet as untagged",
            offload.fixed ? "" : fmt::format("ethtool -K {} {} off", at, word)};
  }

  Finding redirect() const {
    if (facts_.sends == SendAbility::kCan) {
      return ok("redirect", "sends what native XDP redirects to it");
    }
    Finding finding{name_,
                    "redirect",
                    Level::kNote,
                    "may not deliver what rules send by it",
                    send_limits(facts_.sends),
                    ""};
    switch (facts_.sends) {
      case SendAbility::kVeth:
        finding.cause += "; answers of `reject` only where it has a program";
        finding.fix = fmt::format("ethtool -K {} gro on",
                                  facts_.peer ? facts_.peer->name : "PEER");
        break;
      case SendAbility::kCannot:
        finding.cause += "; some can once they carry an XDP program";
        finding.fix = fmt::format("xdpgate apply POLICY -i {}", name_);
        break;
      default:
        finding.fix = "apt install -t bookworm-backports linux-image-amd64";
    }
    return finding;
  }

  const InterfaceFacts& facts_;
  const std::string& name_;
  const Mode mode_;
};

}  // namespace

Findings findings_of(const InterfaceFacts& facts, Mode mode) {
  return Examination(facts, mode).findings();
}

}  // namespace xdpgate
