// SPDX-License-Identifier: GPL-2.0-only
// The `sets:` section: reads it, and resolves "@name" for the rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/check.h"
#include "policy/check_context.h"
#include "policy/policy.h"

namespace xdpgate {

enum class SetType : std::uint8_t { kAddress, kPort };

/// A set as defined. One with errors is there as well, so that rules that
/// name it are not wrong, too.
struct SetDefinition {
  std::string_view name;
  const Node* key = nullptr;
  SetType type = SetType::kAddress;
  bool typed = false;         ///< `type` was right
  std::uint32_t address = 0;  ///< index in SetTable::addresses()
  NumberSet ports;
  bool used = false;
};

class SetTable {
 public:
  /// Reads the value of `sets:`.
  void read(Context& context, const ReadText& read_text, const Node& sets);

  /// The set that `reference` ("@name") stands for; an error, and null, where
  /// there is none of that name or it is not of `type`. Marks it used.
  [[nodiscard]] const SetDefinition* resolve(Context& context,
                                             const Node& reference,
                                             SetType type);
  /// The dynamic set that `node` names, with `@` or without; an error, and null,
  /// where there is none, `needed` for a hint where it is not dynamic. Marks it
  /// used.
  [[nodiscard]] const SetDefinition* resolve_dynamic(Context& context,
                                                     const Node& node,
                                                     std::string needed);
  /// Warns of the sets that nothing refers to.
  void warn_unused(Context& context) const;

  /// Whether a set has elements in a file of its own.
  [[nodiscard]] bool reads_files() const { return reads_files_; }

  /// The address sets, in the order of the file.
  [[nodiscard]] std::vector<NamedAddressSet>& addresses() { return addresses_; }

 private:
  [[nodiscard]] std::string hint_for_name(Context& context,
                                          std::string_view name) const;
  [[nodiscard]] SetDefinition* find(Context& context, const Node& node,
                                    std::string_view name);
  void read_set(Context& context, const ReadText& read_text,
                const Node& value);
  void read_dynamic_set(Context& context, const std::vector<Field>& fields,
                        std::optional<SetType> type);

  std::vector<SetDefinition> sets_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  std::vector<NamedAddressSet> addresses_;
  std::uint32_t dynamic_count_ = 0;
  bool reads_files_ = false;
};

/// Whether `text` refers to a set: starts with `@`.
[[nodiscard]] inline bool is_reference(std::string_view text) {
  return text.starts_with('@');
}

}  // namespace xdpgate
