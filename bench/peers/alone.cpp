// SPDX-License-Identifier: GPL-2.0-only
// Programs by BPF_PROG_TEST_RUN, each over a trace of its own and beside the
// floor of that trace. In every round each subject makes one pass.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "bench/peers/spec.h"
#include "bench/peers/xdp_filter.h"
#include "bpf/bench.h"
#include "bpf/program.h"
#include "compile/compile.h"
#include "engine/native_decider.h"
#include "packet/trace.h"
#include "policy/load.h"

namespace xdpgate::peers {
namespace {

// A policy, compiled and loaded once for all its traces.
struct Filter {
  std::string path;
  Policy policy;
  Image image;
  Program program;
};

struct Subject {
  Json told;  ///< of the spec, and what is found out on the way
  std::shared_ptr<Filter> filter;
  std::optional<XdpFilter> xdp_filter;
  std::unique_ptr<Bench> bench;
  BenchTimes times = BenchTimes(3);  ///< floor, parse, subject

  [[nodiscard]] int fd() const {
    return filter ? filter->program.fd() : xdp_filter->fd();
  }
};

Result<std::shared_ptr<Filter>> load_filter(const std::string& path) {
  Diagnostics diagnostics;
  auto policy = load_policy(path, diagnostics);
  if (!policy) {
    return failure({"read", path, diagnostics.sorted().at(0).text(), ""});
  }
  auto image = compile(*policy, {[&](const std::string& name) {
                         return pseudo_ifindex(*policy, name);
                       }});
  if (!image) return failure(image.error());
  auto program = load_program(*image);
  if (!program) return failure(program.error());
  return std::make_shared<Filter>(Filter{
      path, std::move(*policy), std::move(*image), std::move(*program)});
}

TraceKind kind_of(const std::string& name) {
  if (name == "hit") return TraceKind::kHit;
  return name == "miss" ? TraceKind::kMiss : TraceKind::kMix;
}

Result<Frames> frames_of(const Json& told, const Filter* filter) {
  if (told.contains("pcap")) return read_frames(told["pcap"]);
  TraceOptions options;
  options.kind = kind_of(told["kind"]);
  options.packets = told.value("packets", options.packets);
  if (told.value("locality", "even") == "realistic") {
    options.locality = Locality::kRealistic;
  }
  Trace trace = make_trace(filter->policy,
                           native_decider(filter->policy, filter->image),
                           options);
  Frames frames;
  for (auto& frame : trace.frames) frames.push_back(std::move(frame.bytes));
  return frames;
}

// Loads what the subject is: a policy, or xdp-filter (which may still need the
// policy of its trace).
Result<void> load_subject(Subject& subject, std::shared_ptr<Filter>& last) {
  const Json& told = subject.told;
  if (told.contains("policy") &&
      (!last || last->path != told["policy"].get<std::string>())) {
    auto filter = load_filter(told["policy"]);
    if (!filter) return failure(filter.error());
    last = *filter;
  }
  if (!told.contains("xdp_filter")) {
    subject.filter = last;
    subject.told["rules"] = last->image.header().rule_count;
    subject.told["image_bytes"] = last->image.header().size;
    return {};
  }
  auto addresses = read_addresses(told["addresses"]);
  if (!addresses) return failure(addresses.error());
  auto loaded = XdpFilter::load(told["xdp_filter"], *addresses);
  if (!loaded) return failure(loaded.error());
  subject.xdp_filter = std::move(*loaded);
  return {};
}

Result<Subject> prepare(const Json& told, std::shared_ptr<Filter>& last) {
  Subject subject;
  subject.told = told;
  if (auto loaded = load_subject(subject, last); !loaded) {
    return failure(loaded.error());
  }
  auto frames = frames_of(told, last.get());
  if (!frames) return failure(frames.error());
  BenchOptions options;
  options.ours = subject.filter != nullptr;
  if (subject.filter) options.features = last->image.header().features;
  auto bench = Bench::create({std::move(*frames)}, options);
  if (!bench) return failure(bench.error());
  subject.bench = std::make_unique<Bench>(std::move(*bench));
  return subject;
}

Result<void> one_round(Subject& subject) {
  const int fds[] = {subject.bench->floor_fd(), subject.bench->parse_fd(),
                     subject.fd()};
  for (std::size_t i = 0; i < subject.times.size(); ++i) {
    auto took = subject.bench->pass(fds[i]);
    if (!took) return failure(took.error());
    subject.times[i].push_back(*took);
  }
  return {};
}

Json result_of(const Subject& subject) {
  const auto medians = quiet_medians(subject.times);
  Json result = subject.told;
  result["floor_ns"] = medians[0];
  result["parse_ns"] = medians[1];
  result["ns"] = medians[2];
  result["p5_ns"] = quantile(subject.times[2], 0.05);
  result["p95_ns"] = quantile(subject.times[2], 0.95);
  result["different"] = subject.bench->packets();
  result["rounds"] = subject.times[2].size();
  return result;
}

int refuse(const Error& error) {
  fmt::print(stderr, "xg_peers: {}\n", error.line());
  return 3;
}

}  // namespace

int run_alone(const Json& spec, unsigned rounds) {
  std::vector<Subject> subjects;
  std::shared_ptr<Filter> last;
  for (const Json& told : spec) {
    fmt::print(stderr, "alone: {}\n", told["name"].get<std::string>());
    auto subject = prepare(told, last);
    if (!subject) return refuse(subject.error());
    subjects.push_back(std::move(*subject));
  }
  keep_to_one_cpu();
  for (unsigned round = 0; round < rounds; ++round) {
    for (Subject& subject : subjects) {
      auto done = one_round(subject);
      if (!done) return refuse(done.error());
    }
  }
  Json results = Json::array();
  for (const Subject& subject : subjects) {
    results.push_back(result_of(subject));
  }
  fmt::print("{}\n", results.dump(1));
  return 0;
}

}  // namespace xdpgate::peers
