// SPDX-License-Identifier: GPL-2.0-only
#include "cli/capture_output.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <net/if.h>

#include <ctime>
#include <map>
#include <utility>
#include <vector>

#include "bpf/instance.h"
#include "cli/command.h"
#include "cli/json.h"
#include "packet/packet_text.h"
#include "pcap/pcapng_writer.h"
#include "policy/decision.h"

namespace xdpgate {
namespace {

constexpr std::size_t kEtherHeader = 14;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

std::string interface_name(std::uint32_t ifindex) {
  char name[IF_NAMESIZE];
  return ::if_indextoname(ifindex, name) ? name : fmt::format("if{}", ifindex);
}

const char* verdict_word(const TappedPacket& packet) {
  return packet.counts ? "count" : verdict_name(packet.verdict);
}

// What decided: the rule, or what stands in for one.
std::string decider(const TappedPacket& packet) {
  if (!packet.rule.empty()) return std::string(packet.rule);
  return packet.packet_class == XG_CLASS_OK
             ? "(default)"
             : fmt::format("({})", class_name(packet.packet_class));
}

// As long as on the wire, what was not taken as `rest`; so a snap length makes
// no packet malformed.
std::string words_with(const TappedPacket& packet, std::uint8_t rest) {
  std::vector<std::uint8_t> frame(packet.head.begin(), packet.head.end());
  frame.resize(packet.length, rest);
  return packet_summary(dissect(frame, interface_name(packet.ifindex)));
}

// Words that what was not taken would change are not the packet's.
std::string words_of(const TappedPacket& packet) {
  if (packet.length < kEtherHeader) {
    return fmt::format("{} bytes", packet.length);
  }
  std::string words = words_with(packet, 0);
  const bool whole = packet.head.size() >= packet.length;
  if (whole || words == words_with(packet, 0xff)) return words;
  return fmt::format("{} bytes, cut off after {}, inside of the headers",
                     packet.length, packet.head.size());
}

std::string time_text(std::chrono::nanoseconds time) {
  const auto ns = time.count();
  const auto seconds = static_cast<std::time_t>(ns / kNsPerSecond);
  return fmt::format("{:%H:%M:%S}.{:09}", fmt::localtime(seconds),
                     ns % kNsPerSecond);
}

Json to_json(const TappedPacket& packet) {
  Json json = {{"time_ns", packet.time.count()},
               {"interface", interface_name(packet.ifindex)},
               {"verdict", verdict_word(packet)},
               {"rule", packet.rule.empty() ? Json(nullptr)
                                            : Json(std::string(packet.rule))},
               {"class", class_name(packet.packet_class)},
               {"generation", packet.generation},
               {"length", packet.length},
               {"packet", words_of(packet)}};
  return json;
}

class LineOutput final : public CaptureOutput {
 public:
  explicit LineOutput(bool json) : json_(json) {}

  Result<void> put(const TappedPacket& packet) override {
    if (json_) {
      write_json(to_json(packet));
    } else {
      write_out(fmt::format("{} {} {} {}: {}\n", time_text(packet.time),
                            interface_name(packet.ifindex),
                            verdict_word(packet), decider(packet),
                            words_of(packet)));
    }
    return {};
  }

 private:
  bool json_;
};

class PcapngOutput final : public CaptureOutput {
 public:
  PcapngOutput(PcapngWriter writer, std::uint32_t snap_bytes)
      : writer_(std::move(writer)), snap_bytes_(snap_bytes) {}

  Result<void> put(const TappedPacket& packet) override {
    auto interface = number_of(packet.ifindex);
    if (!interface) return std::unexpected(interface.error());
    const std::string comment = fmt::format(
        "verdict={} rule={} generation={}{}", verdict_word(packet),
        decider(packet), packet.generation,
        packet.packet_class == XG_CLASS_OK
            ? ""
            : fmt::format(" class={}", class_name(packet.packet_class)));
    return writer_.write(
        {*interface, packet.time, packet.length, packet.head, comment});
  }
  Result<void> flush() override { return writer_.flush(); }
  Result<void> finish(std::uint64_t put, std::uint64_t lost) override {
    auto done = writer_.write_losses(put + lost, lost);
    return done ? flush() : done;
  }
  [[nodiscard]] bool reader_is_gone() const override {
    return writer_.reader_is_gone();
  }

  // The interface's number in the file, where it is described when first met.
  Result<std::uint32_t> number_of(std::uint32_t ifindex) {
    const auto known = numbers_.find(ifindex);
    if (known != numbers_.end()) return known->second;
    auto number = writer_.add_interface(interface_name(ifindex), snap_bytes_);
    if (number) numbers_.emplace(ifindex, *number);
    return number;
  }

 private:
  PcapngWriter writer_;
  std::uint32_t snap_bytes_;
  std::map<std::uint32_t, std::uint32_t> numbers_;  // by ifindex
};

}  // namespace

std::unique_ptr<CaptureOutput> make_line_output(bool json) {
  return std::make_unique<LineOutput>(json);
}

Result<std::unique_ptr<CaptureOutput>> make_pcapng_output(
    const std::string& path, std::uint32_t snap_bytes,
    const std::string& instance) {
  auto writer = PcapngWriter::create(path, "xdpgate " XDPGATE_VERSION);
  if (!writer) return std::unexpected(writer.error());
  auto output = std::make_unique<PcapngOutput>(std::move(*writer), snap_bytes);
  const auto names = running_interfaces(instance);
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    auto number = output->number_of(::if_nametoindex(name.c_str()));
    if (!number) return std::unexpected(number.error());
  }
  auto flushed = output->flush();
  if (!flushed) return std::unexpected(flushed.error());
  return output;
}

}  // namespace xdpgate
