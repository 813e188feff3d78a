// SPDX-License-Identifier: GPL-2.0-only
#include "compile/compile.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "compile/boxes.h"
#include "compile/effect_table.h"
#include "compile/layout.h"
#include "compile/service_table.h"
#include "compile/texts.h"
#include "compile/tree.h"
#include "policy/describe.h"

namespace xdpgate {
namespace {

std::uint32_t malformed_of(const Policy& policy) {
  switch (policy.malformed) {
    case MalformedAction::kPass:
      return XG_PASS;
    case MalformedAction::kDrop:
      return XG_DROP;
    case MalformedAction::kMatch:
      return XG_MALFORMED_MATCH;
  }
  return XG_DROP;
}

const char* mode_word(Mode mode) {
  switch (mode) {
    case Mode::kAuto:
      return "auto";
    case Mode::kNative:
      return "native";
    case Mode::kGeneric:
      return "generic";
  }
  return "auto";
}

bool is_banned_into(const Policy& policy, const NamedAddressSet& set) {
  return std::ranges::any_of(policy.rules, [&](const Rule& rule) {
    return rule.ban && &policy.address_sets[rule.ban->set] == &set;
  });
}

nlohmann::json dynamic_sets_of(const Policy& policy) {
  nlohmann::json sets = nlohmann::json::array();
  for (const NamedAddressSet& set : policy.address_sets) {
    if (!set.dynamic) continue;
    sets.push_back({{"name", set.name},
                    {"size", set.dynamic->size},
                    {"banned", is_banned_into(policy, set)},
                    {"timeout_ns", set.dynamic->timeout_ns}});
  }
  return sets;
}

nlohmann::json settings_of(const Policy& policy) {
  return {{"name", policy.name},
          {"devices", devices_of(policy)},
          {"interfaces", policy.interfaces},
          {"mode", mode_word(policy.mode)},
          {"sets", dynamic_sets_of(policy)}};
}

// Interfaces that rules name.
using Ifindexes = std::map<std::string, std::uint32_t>;

// The folder is not of the digest's: the same policy elsewhere is the same.
std::string meta_of(const Policy& policy, const Ifindexes& ifindexes) {
  auto meta = settings_of(policy);
  if (!ifindexes.empty()) meta["ifindexes"] = ifindexes;
  if (!policy.folder.empty()) meta["folder"] = policy.folder;
  return meta.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The digest of all that the running filter's behaviour comes from.
class Digest {
 public:
  Digest() : state_(XXH3_createState()) { XXH3_128bits_reset(state_); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  ~Digest() { XXH3_freeState(state_); }

  void add(const void* bytes, std::size_t size) {
    XXH3_128bits_update(state_, &size, sizeof(size));
    XXH3_128bits_update(state_, bytes, size);
  }
  void add(const std::string& text) { add(text.data(), text.size()); }
  void store(std::uint8_t (&digest)[16]) const {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_));
    std::copy(std::begin(canonical.digest), std::end(canonical.digest), digest);
  }

 private:
  XXH3_state_t* state_;
};

template <class T>
void add_intervals(Digest& digest, const IntervalSet<T>& set) {
  const auto& intervals = set.intervals();
  digest.add(intervals.data(), intervals.size() * sizeof(intervals[0]));
}

class Assembler {
 public:
  Assembler(const Policy& policy, const CompileOptions& options)
      : policy_(policy), options_(options) {}

  Result<Image> run() {
    if (policy_.rules.size() > XG_LEAF_RULE_MASK) {
      return failure(
          {"compile rule", "`" + policy_.rules[XG_LEAF_RULE_MASK].name + "`",
           fmt::format("is the first beyond {} rules", XG_LEAF_RULE_MASK), ""});
    }
    auto expansion = expand(policy_, options_);
    if (!expansion) return std::unexpected(expansion.error());
    bytes_.resize(sizeof(xg_header));
    auto built = append_trees(*expansion);
    if (!built) return std::unexpected(built.error());
    header_.services_off = append_services(expansion->services, bytes_);
    append_addresses(expansion->addresses);
    header_.features = expansion->features;
    if (header_.leaf_max > XG_LEAF_INLINE) header_.features |= XG_HAS_LONG;
    append_rules();
    add_exits();
    auto texts = append_names_and_source();
    if (!texts) return std::unexpected(texts.error());
    return finish();
  }

 private:
  [[nodiscard]] std::uint32_t ifindex_of(const std::string& name) const {
    return options_.ifindex ? options_.ifindex(name) : 0;
  }

  // Within a limit or beyond it.
  [[nodiscard]] bool has(Action action) const {
    return std::ranges::any_of(policy_.rules, [&](const Rule& rule) {
      return rule.action == action ||
             (rule.limit && rule.limit->over == action);
    });
  }

  // How packets leave that neither pass nor are dropped.
  void add_exits() {
    if (has(Action::kReject)) header_.features |= XG_HAS_REJECT;
    if (has(Action::kRedirect)) header_.features |= XG_HAS_REDIRECT;
    if (policy_.bridge.empty()) return;
    header_.features |= XG_HAS_BRIDGE;
    header_.bridge[0] = ifindex_of(policy_.bridge[0]);
    header_.bridge[1] = ifindex_of(policy_.bridge[1]);
  }

  Result<void> append_trees(const Expansion& expansion) {
    TreeSections sections;
    for (int kind = 0; kind < XG_KINDS; ++kind) {
      auto forest =
          build_forest(static_cast<xg_kind>(kind), expansion.boxes[kind],
                       expansion.services, sections);
      if (!forest) return std::unexpected(forest.error());
      header_.group_count[kind] =
          static_cast<std::uint32_t>(forest->groups.size());
      header_.fallback[kind] = forest->fallback;
      std::copy(forest->groups.begin(), forest->groups.end(),
                header_.group[kind]);
      note_steps(*forest, expansion, static_cast<xg_kind>(kind));
    }
    if (sections.leaf_max > XG_LEAF_MAX) {
      return failure({"compile", "",
                      fmt::format("{} rules overlap at one place, at most {} "
                                  "may",
                                  sections.leaf_max, XG_LEAF_MAX),
                      ""});
    }
    header_.leaf_max = sections.leaf_max;
    worst_.leaf_records = sections.leaf_max;
    worst_.leaf_rule = sections.leaf_max_rule;
    header_.nodes_off = append(bytes_, sections.nodes, kSectionAlign);
    header_.leaves_off = append(bytes_, sections.leaves, kSectionAlign);
    align(bytes_);
    return {};
  }

  // Addresses are looked up once, the trees once more behind every rule that
  // may not decide.
  void note_steps(const Forest& forest, const Expansion& expansion,
                  xg_kind kind) {
    const std::uint32_t has = expansion.features;
    const AddressTables& tables = expansion.addresses;
    std::uint32_t steps = 0;
    for (std::uint32_t bit : {XG_HAS_SRC_SETS, XG_HAS_DST_SETS}) {
      if ((has & bit) != 0) steps += tables.set_steps[kind];
    }
    for (std::uint32_t bit : {XG_HAS_SRC_CODES, XG_HAS_DST_CODES}) {
      if ((has & bit) != 0 && kind == XG_KIND_IPV6) steps += tables.code_steps;
    }
    worst_.address_steps = std::max(worst_.address_steps, steps);
    worst_.searches = 1 + count_rules();
    header_.worst_steps = std::max(
        header_.worst_steps, steps + forest.worst_steps * worst_.searches);
  }

  [[nodiscard]] std::uint32_t count_rules() const {
    return static_cast<std::uint32_t>(
        std::ranges::count(policy_.rules, false, &Rule::always_decides));
  }

  void append_addresses(const AddressTables& tables) {
    header_.tries_off = append(bytes_, tables.tries, kSectionAlign);
    header_.forks_off = append(bytes_, tables.forks, kSectionAlign);
    header_.rows_off = append(bytes_, tables.rows, kSectionAlign);
    header_.row_words = tables.row_words;
    std::copy(std::begin(tables.set_root), std::end(tables.set_root),
              header_.set_root);
    header_.code_root = tables.code_root;
    for (int kind = 0; kind < XG_KINDS; ++kind) {
      const auto& filter = tables.filter[kind];
      if (!filter) continue;
      header_.filter_off[kind] = append(bytes_, filter->words, kSectionAlign);
      header_.filter_row[kind] = filter->row;
    }
  }

  void append_rules() {
    EffectTable effects(policy_);
    std::vector<xg_rule> rules;
    rules.reserve(policy_.rules.size());
    for (const Rule& rule : policy_.rules) {
      rules.push_back({action_code(rule.action) | effects.number(rule)
                                                      << XG_RULE_EFFECT_SHIFT});
    }
    header_.rules_off = append(bytes_, rules, kSectionAlign);
    if (effects.records().empty()) return;
    header_.features |= XG_HAS_EFFECTS | effects.features();
    header_.limit_count = effects.limit_count();
    header_.limit_buckets = effects.limit_buckets();
    header_.effect_count = static_cast<std::uint32_t>(effects.records().size());
    header_.effects_off = append(bytes_, effects.records(), kSectionAlign);
  }

  Result<void> append_names_and_source() {
    PlainTexts texts;
    std::vector<std::uint64_t> digests;
    Digest digest;
    for (const Rule& rule : policy_.rules) {
      const std::string described = describe(rule, policy_);
      digest.add(described);
      digests.push_back(XXH3_64bits(described.data(), described.size()));
      texts.names += rule.name;
      texts.names += '\0';
    }
    header_.digests_off = append(bytes_, digests);
    texts.meta = meta_of(policy_, named_interfaces());
    texts.source = policy_.source;
    add_settings(digest, settings_of(policy_).dump());
    digest.store(header_.digest);
    return append_texts(texts, bytes_, header_);
  }

  void add_settings(Digest& digest, const std::string& meta) {
    digest.add(meta);
    digest.add(policy_.source);
    const std::uint32_t settings[] = {XG_ABI_VERSION,
                                      std::uint32_t(policy_.default_action),
                                      std::uint32_t(policy_.malformed)};
    digest.add(settings, sizeof(settings));
    for (const NamedAddressSet& set : policy_.address_sets) {
      digest.add(set.name);
      add_intervals(digest, set.elements.v4);
      add_intervals(digest, set.elements.v6);
    }
    add_ifindexes(digest);
  }

  [[nodiscard]] Ifindexes named_interfaces() const {
    Ifindexes result;
    for (const std::string& name : devices_of(policy_)) {
      result.emplace(name, ifindex_of(name));
    }
    for (const Rule& rule : policy_.rules) {
      if (!rule.match.interface) continue;
      for (const std::string& name : rule.match.interface->names) {
        result.emplace(name, ifindex_of(name));
      }
    }
    return result;
  }

  // An interface made anew has another index: the image is another one.
  void add_ifindexes(Digest& digest) {
    for (const auto& [name, index] : named_interfaces()) {
      digest.add(name);
      digest.add(&index, sizeof(index));
    }
  }

  Result<Image> finish() {
    align(bytes_);
    const auto most = std::min(options_.max_image_bytes, kMaxImageBytes);
    if (bytes_.size() > most) {
      return failure({"compile", "",
                      fmt::format("the image takes {} bytes, at most {} fit",
                                  bytes_.size(), most),
                      "split the policy over several instances"});
    }
    header_.magic = XG_MAGIC;
    header_.abi = XG_ABI_VERSION;
    header_.state = XG_STATE_VERSION;
    header_.size = static_cast<std::uint32_t>(bytes_.size());
    header_.default_action =
        policy_.default_action == DefaultAction::kPass ? XG_PASS : XG_DROP;
    header_.malformed = malformed_of(policy_);
    header_.rule_count = static_cast<std::uint32_t>(policy_.rules.size());
    header_.set_count = static_cast<std::uint32_t>(std::ranges::count_if(
        policy_.address_sets, [](const auto& set) { return !!set.dynamic; }));
    std::memcpy(bytes_.data(), &header_, sizeof(header_));
    Image image{std::move(bytes_), worst_};
    reinterpret_cast<xg_header*>(image.bytes.data())->checksum =
        ImageView(image).checksum();
    return image;
  }

  const Policy& policy_;
  const CompileOptions& options_;
  std::vector<std::uint8_t> bytes_;
  xg_header header_{};
  WorstCase worst_;
};

// The policy without all behind its first `count` rules.
Result<Image> compile_first(std::size_t count, Policy& part,
                            const Policy& policy,
                            const CompileOptions& options) {
  part.rules.assign(policy.rules.begin(),
                    policy.rules.begin() + static_cast<std::ptrdiff_t>(count));
  return Assembler(part, options).run();
}

// The policy as a whole meets a limit, as `error` says: which rule is the
// first that those before it leave no room for? Found by halving, since what a
// rule takes depends on the others.
Error with_first_rule(const Policy& policy, const CompileOptions& options,
                      Error error) {
  Policy part = policy;
  if (!compile_first(0, part, policy, options)) {
    error.object = "the policy";
    return error;
  }
  std::size_t fit = 0, too_many = policy.rules.size();
  while (fit + 1 < too_many) {
    const std::size_t count = std::midpoint(fit, too_many);
    auto image = compile_first(count, part, policy, options);
    if (!image) error = std::move(image.error());
    (image ? fit : too_many) = count;
  }
  error.operation = "compile rule";
  error.object = "`" + policy.rules[too_many - 1].name + "`";
  error.cause = "is the first that does not fit: " + error.cause;
  return error;
}

}  // namespace

Result<Image> compile(const Policy& policy, const CompileOptions& options) {
  auto image = Assembler(policy, options).run();
  if (image || !image.error().object.empty()) return image;
  return failure(with_first_rule(policy, options, std::move(image.error())));
}

std::uint32_t pseudo_ifindex(const Policy& policy, const std::string& name) {
  std::vector<std::string> known;
  auto learn = [&](const std::vector<std::string>& names) {
    for (const auto& n : names) {
      if (std::ranges::find(known, n) == known.end()) known.push_back(n);
    }
  };
  learn(policy.interfaces);
  for (const Rule& rule : policy.rules) {
    if (rule.match.interface) learn(rule.match.interface->names);
  }
  const auto found = std::ranges::find(known, name);
  if (found == known.end()) return 0;
  return static_cast<std::uint32_t>(found - known.begin()) + 1;
}

}  // namespace xdpgate
