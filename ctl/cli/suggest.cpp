// SPDX-License-Identifier: GPL-2.0-only
// xdpgate suggest: a policy that passes what captures hold, to start from.
#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <memory>

#include "base/text.h"
#include "cli/command.h"
#include "cli/json.h"
#include "pcap/capture.h"
#include "policy/instance_name.h"
#include "suggest/proposal.h"

namespace xdpgate {
namespace {

constexpr std::size_t kFewestRules = 16;
constexpr std::size_t kMostRules = 100'000;

struct SuggestOptions {
  std::vector<std::string> captures;
  ProposalOptions proposal;
  bool json = false;
};

// Notes the frames of one capture.
Result<Evidence> read_capture(const std::string& path, SeenTraffic& traffic) {
  auto reader = CaptureReader::open(path);
  if (!reader) return failure(reader.error());
  const std::uint64_t packets = traffic.packets();
  const std::uint64_t malformed = traffic.malformed();
  Frame frame;
  for (;;) {
    auto more = reader->next(frame);
    if (!more) return failure(more.error());
    if (!*more) break;
    traffic.add(dissect(frame.bytes, ""));
  }
  const std::uint64_t bad = traffic.malformed() - malformed;
  return Evidence{path, traffic.packets() - packets - bad, bad};
}

int suggest(const SuggestOptions& options) {
  if (!is_instance_name(options.proposal.name)) {
    return misuse("suggest", in_quotes(options.proposal.name) +
                                 " is not an instance name");
  }
  if (std::ranges::count(options.captures, "-") > 1) {
    return misuse("suggest", "standard input can be read once only");
  }
  SeenTraffic traffic;
  std::vector<Evidence> evidence;
  for (const std::string& path : options.captures) {
    auto one = read_capture(path, traffic);
    if (!one) return refuse(one.error());
    evidence.push_back(std::move(*one));
  }
  const std::string policy = proposal(traffic, evidence, options.proposal);
  if (options.json) {
    write_json({{"policy", policy},
                {"frames", traffic.packets()},
                {"malformed", traffic.malformed()}});
  } else {
    write_out(policy);
  }
  return kDone;
}

void add_options(CLI::App& command, SuggestOptions& options) {
  ProposalOptions& proposal = options.proposal;
  command
      .add_option("PCAP", options.captures, "pcap or pcapng files; - for stdin")
      ->required();
  command
      .add_option("--name", proposal.name,
                  "the policy's name; default: proposal")
      ->type_name("NAME");
  command
      .add_option("--max-rules", proposal.max_rules,
                  "most rules; services that have less in common are put "
                  "together beyond; default 100")
      ->type_name("N")
      ->check(CLI::Range(kFewestRules, kMostRules));
  command
      .add_option("--max-talkers", proposal.max_talkers,
                  "most hosts and prefixes that a rule lists a side; default "
                  "16")
      ->type_name("N")
      ->check(CLI::Range(0, INT_MAX));
  command
      .add_option("--prefix", proposal.prefix4,
                  "write IPv4 hosts that share a network of this length as "
                  "the network")
      ->type_name("LENGTH")
      ->check(CLI::Range(0, 32));
  command
      .add_option("--prefix6", proposal.prefix6, "the same for IPv6")
      ->type_name("LENGTH")
      ->check(CLI::Range(0, 128));
  command.add_flag("--json", options.json, "one JSON object");
}

}  // namespace

void add_suggest(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<SuggestOptions>();
  CLI::App* command = app.add_subcommand(
      "suggest", "Propose a policy that passes what captures hold");
  command->footer(
      "Prints a policy with `default: drop` and a rule for each service and "
      "its talkers; a\nstart, to be read and cut down. `xdpgate replay` of the "
      "same capture passes every\nwell-formed frame; the policy's `tests` say "
      "so.\n\nExample: xdpgate suggest pcaps/tcp.pcap");
  add_options(*command, *options);
  command->callback(
      [options, &outcome] { outcome.exit_code = suggest(*options); });
}

}  // namespace xdpgate
