// SPDX-License-Identifier: GPL-2.0-only
// The two halves of the regression gate (see gate, beside this file):
//
//   xg_gate prepare POLICY OUT [--kind K] [--packets N]   policy to image and
//                                                         trace, in one file
//   xg_gate run FILE        the native engine over every packet of the trace
//
// Only `run` is counted under callgrind, so that reading, compiling and drawing
// packets cost the gate nothing. FILE is three words (bytes of the image,
// packets, bytes of a packet), the image, and the packets one by one.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compile/compile.h"
#include "engine/native_decider.h"
#include "engine/packet_path.h"
#include "packet/trace.h"
#include "policy/load.h"

namespace xdpgate {
namespace {

enum ExitCode { kDone = 0, kRejected = 1, kSystem = 3 };

struct Head {
  std::uint64_t image_bytes = 0, packets = 0, packet_bytes = 0;
};

// A trace's frames behind each other, each as long as the longest.
std::vector<std::uint8_t> level(const Trace& trace, Head& head) {
  for (const TraceFrame& frame : trace.frames) {
    head.packet_bytes =
        std::max<std::uint64_t>(head.packet_bytes, frame.bytes.size());
  }
  head.packets = trace.frames.size();
  std::vector<std::uint8_t> bytes;
  for (const TraceFrame& frame : trace.frames) {
    bytes.insert(bytes.end(), frame.bytes.begin(), frame.bytes.end());
    bytes.resize((bytes.size() + head.packet_bytes - 1) / head.packet_bytes *
                 head.packet_bytes);
  }
  return bytes;
}

void put(std::ofstream& out, const void* data, std::size_t size) {
  out.write(static_cast<const char*>(data),
            static_cast<std::streamsize>(size));
}

int write(const std::string& path, const Image& image, const Trace& trace) {
  Head head{image.bytes.size(), 0, 0};
  const auto packets = level(trace, head);
  std::ofstream out(path, std::ios::binary);
  put(out, &head, sizeof(head));
  put(out, image.bytes.data(), image.bytes.size());
  put(out, packets.data(), packets.size());
  out.close();
  if (out) return kDone;
  fmt::print(stderr, "xg_gate: cannot write {}\n", path);
  return kSystem;
}

int prepare(const std::string& policy_path, const std::string& out,
            const TraceOptions& options) {
  Diagnostics diagnostics;
  const auto policy = load_policy(policy_path, diagnostics);
  for (const auto& d : diagnostics.sorted()) {
    if (!policy) fmt::print(stderr, "{}\n", d.text());
  }
  if (!policy) return kRejected;
  const auto image = compile(*policy, {[&](const std::string& name) {
                               return pseudo_ifindex(*policy, name);
                             }});
  if (!image) {
    fmt::print(stderr, "{}\n", image.error().line());
    return kRejected;
  }
  return write(out, *image,
               make_trace(*policy, native_decider(*policy, *image), options));
}

// What `run` reads of a file; none where it is not one of ours.
struct Prepared {
  Head head;
  std::vector<std::uint8_t> image;  ///< and what may be read behind it
  std::vector<std::uint8_t> packets;
};

std::optional<Prepared> read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  Prepared file;
  const auto get = [&](void* to, std::size_t size) {
    in.read(static_cast<char*>(to), static_cast<std::streamsize>(size));
  };
  get(&file.head, sizeof(file.head));
  if (!in) return std::nullopt;
  file.image.resize(file.head.image_bytes + XG_READ_MAX);
  get(file.image.data(), file.head.image_bytes);
  file.packets.resize(file.head.packets * file.head.packet_bytes);
  get(file.packets.data(), file.packets.size());
  if (!in) return std::nullopt;
  return file;
}

int run(const std::string& path) {
  const auto file = read(path);
  if (!file) {
    fmt::print(stderr, "xg_gate: {} is not what `prepare` writes\n", path);
    return kSystem;
  }
  const auto* header =
      reinterpret_cast<const xg_header*>(file->image.data());
  std::vector<xg_counter> counters(slot_count(*header));
  const xg_host_policy policy{file->image.data(), counters.data(),
                              static_cast<__u32>(counters.size()), nullptr};
  const auto size = static_cast<__u32>(file->head.packet_bytes);
  std::uint64_t decided = 0;
  for (std::uint64_t i = 0; i < file->head.packets; ++i) {
    const xg_host_frame frame{file->packets.data() + i * size, size, size, 1};
    decided += xg_host_judge(&policy, &frame).rule != XG_NO_RULE;
  }
  fmt::print("{{\"packets\":{},\"decided\":{}}}\n", file->head.packets,
             decided);
  return kDone;
}

}  // namespace
}  // namespace xdpgate

int main(int argc, char** argv) {
  using namespace xdpgate;
  CLI::App app("Instructions a packet, to be counted");
  std::string policy, file;
  TraceOptions options{.packets = 5'000};
  const std::map<std::string, TraceKind> kinds = {{"mix", TraceKind::kMix},
                                                  {"hit", TraceKind::kHit},
                                                  {"miss", TraceKind::kMiss}};
  auto* prepare_command = app.add_subcommand("prepare", "policy to FILE");
  prepare_command->add_option("policy", policy, "policy file")->required();
  prepare_command->add_option("file", file, "to write")->required();
  prepare_command->add_option("--packets", options.packets, "5000 unless told");
  prepare_command->add_option("--kind", options.kind, "mix, hit or miss")
      ->transform(CLI::CheckedTransformer(kinds));
  auto* run_command = app.add_subcommand("run", "judge the packets of FILE");
  run_command->add_option("file", file, "from prepare")->required();
  app.require_subcommand(1);
  CLI11_PARSE(app, argc, argv);
  return *run_command ? run(file) : prepare(policy, file, options);
}
