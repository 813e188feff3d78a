// SPDX-License-Identifier: GPL-2.0-only
#include "policy/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "policy/check_context.h"
#include "policy/check_interface.h"
#include "policy/check_rules.h"
#include "policy/check_sets.h"
#include "policy/grammar.h"
#include "policy/instance_name.h"

namespace xdpgate {
namespace {

enum TopKey {
  kVersion,
  kName,
  kInterfaces,
  kBridge,
  kMode,
  kDefault,
  kMalformed,
  kSets,
  kRules,
  kTests
};
constexpr std::string_view kTopKeys[] = {
    "version", "name",      "interfaces", "bridge", "mode",
    "default", "malformed", "sets",       "rules",  "tests"};
constexpr std::size_t kMaxNameBytes = 63;

void check_version(Context& context, const Node& root, const Field& field) {
  if (!field) {
    return report_missing(context, root, {"the policy", kTopKeys}, "version",
                          "it starts with `version: 1`");
  }
  auto word = read_word(context, *field.value, "version");
  if (!word || *word == "1") return;
  context.error(*field.value,
                fmt::format("version {} is not known", in_quotes(*word)),
                "this is xdpgate for `version: 1`");
}

std::string stem_of(const std::string& path) {
  if (path == "-") return "stdin";
  return std::filesystem::path(path).stem().string();
}

std::string read_name(Context& context, const Node& root, const Field& field) {
  constexpr const char* kHint =
      "1-63 letters, digits and _ . -, not starting with a dot";
  if (!field) {
    std::string stem = stem_of(context.file().path());
    if (!is_instance_name(stem)) {
      context.error(root,
                    fmt::format("the policy has no `name`, and its file's, "
                                "{}, cannot be one",
                                in_quotes(stem)),
                    kHint);
    }
    return stem;
  }
  auto word = read_word(context, *field.value, "name");
  if (!word) return {};
  if (!is_instance_name(*word)) {
    context.error(*field.value,
                  fmt::format("{} is not an instance name", in_quotes(*word)),
                  kHint);
  }
  return std::string(*word);
}

// The interfaces that a key lists, each once.
std::vector<std::string> read_interfaces(Context& context, const Field& field,
                                         std::string_view key) {
  std::vector<std::string> names;
  if (!field || field.value->kind == NodeKind::kNull) return names;
  bool is_empty_list =
      field.value->kind == NodeKind::kList && field.value->size == 0;
  if (is_empty_list) return names;
  auto items = read_items(context, *field.value, key);
  for (const Node* item : items.nodes) {
    auto name = parse_interface_name(context.text(*item));
    if (!name) {
      context.error(*item, name.error());
    } else if (std::ranges::find(names, *name) != names.end()) {
      context.error(*item, fmt::format("{} is listed twice", in_quotes(*name)));
    } else {
      names.push_back(*name);
    }
    if (context.full()) break;
  }
  return names;
}

// The two ports; empty where the key is absent or wrong, which is reported.
std::vector<std::string> read_bridge(Context& context, const Field& field) {
  const std::size_t before = context.diagnostics().error_count();
  auto ports = read_interfaces(context, field, "bridge");
  if (!field || ports.size() == 2) return ports;
  if (context.diagnostics().error_count() == before) {
    context.error(*field.value,
                  fmt::format("a bridge has two ports, not {}", ports.size()),
                  "`bridge: [eth0, eth1]`");
  }
  return {};
}

// The filter is on the ports of a bridge and nowhere else.
void read_ports(Context& context, const std::vector<Field>& fields,
                Policy& policy) {
  policy.interfaces =
      read_interfaces(context, fields[kInterfaces], "interfaces");
  policy.bridge = read_bridge(context, fields[kBridge]);
  if (policy.bridge.empty()) return;
  const bool same = policy.interfaces.empty() ||
                    std::ranges::is_permutation(policy.interfaces,
                                                policy.bridge);
  if (!same) {
    context.error(*fields[kInterfaces].value,
                  "`interfaces` and `bridge` name different interfaces",
                  "leave out `interfaces`: a bridge's are its ports");
  }
  policy.interfaces = policy.bridge;
}

// The enumerator that a word of `words` stands for.
template <class Enum>
Enum read_setting(Context& context, const Field& field, Enum otherwise,
                  std::string_view what,
                  std::span<const std::string_view> words) {
  if (!field) return otherwise;
  auto choice = read_choice(context, *field.value, what, words);
  return choice ? static_cast<Enum>(*choice) : otherwise;
}

void read_settings(Context& context, const Node& root,
                   const std::vector<Field>& fields, Policy& policy) {
  check_version(context, root, fields[kVersion]);
  policy.name = read_name(context, root, fields[kName]);
  read_ports(context, fields, policy);
  policy.mode =
      read_setting(context, fields[kMode], policy.mode, "mode", kModeWords);
  policy.default_action = read_setting(
      context, fields[kDefault], policy.default_action, "default", kDefaultWords);
  if (fields[kDefault]) policy.places.default_action = fields[kDefault].value->at;
  policy.malformed = read_setting(context, fields[kMalformed], policy.malformed,
                                  "malformed", kMalformedWords);
}

// The folder that relative set files are looked up from.
std::string folder_of(const std::string& path) {
  std::error_code unknown;  // the working directory is gone
  const auto absolute = std::filesystem::absolute(path, unknown);
  return absolute.parent_path().lexically_normal().string();
}

void read_sections(Context& context, const ReadText& read_text,
                   const std::vector<Field>& fields, Policy& policy) {
  SetTable sets;
  if (fields[kSets]) sets.read(context, read_text, *fields[kSets].value);
  if (sets.reads_files()) policy.folder = folder_of(context.file().path());
  RuleNames names;
  if (fields[kRules]) {
    policy.rules = read_rules(context, sets, *fields[kRules].value, names);
    for (const Rule& rule : policy.rules) {
      policy.places.rules.push_back(names.at(rule.name)->at);
    }
  }
  if (fields[kTests]) {
    policy.tests = read_tests(context, sets, *fields[kTests].value, names);
  }
  // A rule that is wrong may be the one that meant to use a set.
  if (context.diagnostics().error_count() == 0) sets.warn_unused(context);
  policy.address_sets = std::move(sets.addresses());
}

}  // namespace

std::span<const std::string_view> policy_keys() { return kTopKeys; }

std::optional<Policy> check(const RuleFile& file, const ReadText& read_text,
                            Diagnostics& diagnostics,
                            std::vector<PolicyTest>* tests) {
  std::size_t errors_before = diagnostics.error_count();
  diagnostics.begin_file(file.path());  // ahead of the set files it names
  Context context(file, diagnostics);
  const Node& root = file.root();
  if (root.kind == NodeKind::kNull) {
    diagnostics.error(file.path(), {1, 1}, "the policy is empty",
                      "it starts with `version: 1`");
    return std::nullopt;
  }
  if (!expect_map(context, root, "a policy")) return std::nullopt;
  auto fields = read_fields(context, root, {"a policy", kTopKeys});
  Policy policy;
  read_settings(context, root, fields, policy);
  read_sections(context, read_text, fields, policy);
  if (tests) *tests = policy.tests;
  if (diagnostics.error_count() > errors_before) return std::nullopt;
  policy.source = file.source();
  return policy;
}

}  // namespace xdpgate
