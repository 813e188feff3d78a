// SPDX-License-Identifier: GPL-2.0-only
// A trace for any policy, as a capture:
//
//   xg_trace POLICY OUT.pcap [--kind mix|hit|miss] [--packets N] [--seed S]
//            [--locality even|realistic]
//
// Prints one JSON object: hits, misses, different, shortfall.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>

#include "compile/compile.h"
#include "engine/native_decider.h"
#include "packet/trace.h"
#include "pcap/capture.h"
#include "policy/load.h"

namespace xdpgate {
namespace {

enum ExitCode { kDone = 0, kRejected = 1, kSystem = 3 };

Result<void> write(const Trace& trace, const std::string& path) {
  auto writer = CaptureWriter::create(path);
  if (!writer) return failure(writer.error());
  Frame frame;
  for (const TraceFrame& made : trace.frames) {
    frame.bytes = made.bytes;
    frame.captured_bytes = static_cast<std::uint32_t>(made.bytes.size());
    frame.time = std::chrono::microseconds(frame.number++);
    if (auto written = writer->write(frame); !written) return written;
  }
  return writer->close();
}

int run(const std::string& policy_path, const std::string& out,
        const TraceOptions& options) {
  Diagnostics diagnostics;
  const auto policy = load_policy(policy_path, diagnostics);
  for (const auto& d : diagnostics.sorted()) {
    fmt::print(stderr, "{}\n", d.text());
  }
  if (!policy) return kRejected;
  auto image = compile(*policy, {[&](const std::string& name) {
                         return pseudo_ifindex(*policy, name);
                       }});
  if (!image) {
    fmt::print(stderr, "{}\n", image.error().line());
    return kRejected;
  }
  const Trace trace = make_trace(
      *policy, native_decider(*policy, std::move(*image)), options);
  if (auto written = write(trace, out); !written) {
    fmt::print(stderr, "{}\n", written.error().line());
    return kSystem;
  }
  fmt::print("{{\"hits\":{},\"misses\":{},\"different\":{},\"shortfall\":"
             "\"{}\"}}\n",
             trace.hits, trace.misses, trace.different, trace.shortfall);
  return kDone;
}

}  // namespace
}  // namespace xdpgate

int main(int argc, char** argv) {
  using namespace xdpgate;
  CLI::App app("A trace for a policy: packets that its rules decide, and not");
  std::string policy, out;
  TraceOptions options;
  const std::map<std::string, TraceKind> kinds = {{"mix", TraceKind::kMix},
                                                  {"hit", TraceKind::kHit},
                                                  {"miss", TraceKind::kMiss}};
  const std::map<std::string, Locality> localities = {
      {"even", Locality::kEven}, {"realistic", Locality::kRealistic}};
  app.add_option("policy", policy, "policy file; - for stdin")->required();
  app.add_option("out", out, "capture to write")->required();
  app.add_option("--packets", options.packets, "frames, 100000 unless told");
  app.add_option("--seed", options.seed, "of the generator");
  app.add_option("--kind", options.kind, "mix, hit or miss")
      ->transform(CLI::CheckedTransformer(kinds));
  app.add_option("--locality", options.locality, "even or realistic")
      ->transform(CLI::CheckedTransformer(localities));
  CLI11_PARSE(app, argc, argv);
  return run(policy, out, options);
}
