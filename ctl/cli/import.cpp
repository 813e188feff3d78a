// SPDX-License-Identifier: GPL-2.0-only
// xdpgate import: other tools' rules as a policy.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/say.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/load_image.h"
#include "cli/usage.h"
#include "import/iptables.h"
#include "import/nft.h"
#include "import/xdp_filter.h"
#include "policy/instance_name.h"
#include "policy/load.h"

namespace xdpgate {
namespace {

struct ImportOptions {
  std::string tool, file, chain, family, name;
  bool json = false;
};

bool looks_like_json(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos || text[first] == '{' || text[first] == '[';
}

// What the shell ends with where nft finds fault with the rules.
constexpr int kNotTaken = 65;

// nft reads rules in its own language only by putting them in force; in a
// network of its own, which ends with the command. Empty where it does not take
// them: it has said why.
Result<std::string> nft_json_of(const std::string& path) {
  const std::string alone =
      ::geteuid() == 0 ? "unshare --net" : "unshare --map-root-user --net";
  const std::string absolute = std::filesystem::absolute(path).string();
  ::setenv("XDPGATE_NFT_FILE", absolute.c_str(), 1);
  const std::string command =
      alone + fmt::format(
                  " sh -c 'command -v nft >/dev/null || exit 127; "
                  "nft -f \"$XDPGATE_NFT_FILE\" || exit {}; "
                  "nft -j list ruleset'",
                  kNotTaken);
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (!pipe) return failure(system_error("run", "nft", errno));
  std::string json;
  std::array<char, 1 << 16> buffer{};
  std::size_t got = 0;
  while ((got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0) {
    json.append(buffer.data(), got);
  }
  const int status = ::pclose(pipe);
  if (status == 0) return json;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNotTaken) return "";
  return failure({"have nft read", path,
                  "nft or a network of its own is missing",
                  "install nftables, or give the output of `nft -j list "
                  "ruleset`"});
}

Result<std::string> text_of(const ImportOptions& options) {
  auto text = read_policy(options.file);
  if (!text) {
    text.error().hint = "FILE is a file, or - for standard input";
    return text;
  }
  const bool words = options.tool == "nft" && !looks_like_json(*text);
  if (!words) return text;
  if (options.file != "-") return nft_json_of(options.file);
  return failure({"read", "standard input", "it is no JSON",
                  "give the output of `nft -j list ruleset`, or a file"});
}

Parsed<Draft> draft_of(const ImportOptions& options, const std::string& text) {
  if (options.tool == "nft") return import_nft(text, options.chain);
  if (options.tool == "xdp-filter") return import_xdp_filter(text);
  std::optional<Family> family;
  if (options.family == "ipv4") family = Family::kIpv4;
  if (options.family == "ipv6") family = Family::kIpv6;
  return import_iptables(text, options.chain, family);
}

// "FILE: line 12: STATEMENT: not translated: WHY".
void tell(const ImportOptions& options, const Draft& draft) {
  for (const LeftOut& item : draft.left_out) {
    say("{}: {}: not translated: {}: {}\n", options.file, item.where,
        item.statement, item.why);
  }
}

Json as_json(const Draft& draft, const std::string& policy) {
  Json json = {{"policy", policy}, {"left_out", Json::array()}};
  for (const LeftOut& item : draft.left_out) {
    json["left_out"].push_back({{"where", item.where},
                                {"statement", item.statement},
                                {"why", item.why}});
  }
  return json;
}

// What is printed can be applied; a rule that check does not take was not
// understood after all.
int finish(const ImportOptions& options, const Draft& draft) {
  const std::string policy = draft.yaml();
  Diagnostics diagnostics;
  const auto checked = parse_policy(policy, "(imported)", diagnostics);
  if (!checked) {
    print_diagnostics(diagnostics);
    write_out(policy);
    return kRejected;
  }
  if (options.json) {
    write_json(as_json(draft, policy));
  } else {
    tell(options, draft);
    write_out(policy);
  }
  return draft.left_out.empty() ? kDone : kRejected;
}

int import_rules(const ImportOptions& options) {
  if (!options.name.empty() && !is_instance_name(options.name)) {
    return misuse("import",
                  in_quotes(options.name) + " is not an instance name");
  }
  const auto text = text_of(options);
  if (!text) return refuse(text.error());
  if (text->empty() && options.tool == "nft") {
    say("{}: error: these are no rules that nft takes\n", options.file);
    return kRejected;
  }
  auto draft = draft_of(options, *text);
  if (!draft) {
    const Complaint& wrong = draft.error();
    say("{}: error: {}\n", options.file, wrong.message);
    if (!wrong.hint.empty()) say("  hint: {}\n", wrong.hint);
    return kRejected;
  }
  if (!options.name.empty()) draft->name = options.name;
  return finish(options, *draft);
}

void add_options(CLI::App& command, ImportOptions& options) {
  command.add_option("TOOL", options.tool, "nft, iptables or xdp-filter")
      ->required()
      ->check(one_of({"nft", "iptables", "xdp-filter"}));
  command.add_option("FILE", options.file, "what it prints; - for stdin")
      ->required();
  command
      .add_option("--chain", options.chain,
                  "which chain: `INPUT`, or `inet filter input`")
      ->type_name("CHAIN");
  command
      .add_option("--family", options.family,
                  "of iptables: ipv4 or ipv6, where its file does not say")
      ->type_name("FAMILY")
      ->check(one_of({"ipv4", "ipv6"}));
  command.add_option("--name", options.name, "the policy's name")
      ->type_name("NAME");
  command.add_flag("--json", options.json, "one JSON object");
}

}  // namespace

void add_import(CLI::App& app, Outcome& outcome) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* command = app.add_subcommand(
      "import", "The rules of nft, iptables or xdp-filter as a policy");
  command->footer(
      "FILE is what `nft -j list ruleset`, `iptables-save`, `ip6tables-save` "
      "or\n`xdp-filter status` prints; for nft also rules in its own words, "
      "which nft, where it is\ninstalled, is asked to read. Prints a policy "
      "that means the same as far as it can be\nsaid; every statement that "
      "cannot is named on standard error with its place and the\nreason, and "
      "the exit code is then 1.\n\nExample: iptables-save | xdpgate import "
      "iptables - >host.yaml");
  add_options(*command, *options);
  command->callback(
      [options, &outcome] { outcome.exit_code = import_rules(*options); });
}

}  // namespace xdpgate
