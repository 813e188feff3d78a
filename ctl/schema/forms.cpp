// SPDX-License-Identifier: GPL-2.0-only
#include "schema/forms.h"

#include <fmt/format.h>
#include <xdpgate/abi.h>

#include "policy/grammar.h"
#include "policy/names.h"

namespace xdpgate {
namespace {

constexpr const char* kSet = "@[A-Za-z0-9_.:-]{1,63}";
constexpr const char* kAddress = "[0-9a-fA-F:.]+";
constexpr const char* kMac = "([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}";
constexpr const char* kDecimal = "(0|[1-9][0-9]*)";
constexpr const char* kDecimalOrHex = "(0x[0-9a-fA-F]+|0|[1-9][0-9]*)";
constexpr const char* kHexBytes = "^(0x)?([0-9a-fA-F]{2}){1,16}$";

Json any_of(std::vector<Json> forms) {
  return {{"anyOf", std::move(forms)}};
}

Json enum_of(std::span<const std::string_view> words) {
  Json list = Json::array();
  for (const std::string_view word : words) list.push_back(std::string(word));
  return {{"enum", list}};
}

// Numbers, names and ranges of a field, and the words beside them.
Json field_form(const NumberField& field,
                std::span<const std::string_view> words) {
  const char* number = field.hex ? kDecimalOrHex : kDecimal;
  std::vector<Json> forms = {
      {{"type", "integer"}, {"minimum", 0}, {"maximum", field.max}},
      text_form(fmt::format("^{0}(-{0})?$", number))};
  if (field.names) forms.push_back(enum_of(field.names().names()));
  if (!words.empty()) forms.push_back(enum_of(words));
  return any_of(std::move(forms));
}

// Types and codes have other names in each family; which is meant follows
// from the rest of the rule.
Json icmp_form() {
  std::vector<Json> forms = {
      {{"type", "integer"}, {"minimum", 0}, {"maximum", 255}},
      text_form(fmt::format("^{0}(-{0})?$", kDecimal))};
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    forms.push_back(enum_of(icmp_type_names(family).names()));
    forms.push_back(enum_of(icmp_code_names(family).names()));
  }
  return any_of(std::move(forms));
}

Json payload_form() {
  const Json forms[] = {words_form(kBaseWords), number_form(0, 65535),
                        text_form(kHexBytes, true), text_form(kHexBytes, true)};
  Json properties = Json::object();
  for (std::size_t i = 0; i < payload_keys().size(); ++i) {
    properties[std::string(payload_keys()[i])] = forms[i];
  }
  return map_form(properties, {"at", "bytes"});
}

Json negated(const Json& form) {
  return map_form({{"not", form}}, {"not"});
}

Json item_form(const ValueForm& form) {
  switch (form.kind) {
    case ValueKind::kNames:
      return text_form("^[^/ ]{1,15}$", true);
    case ValueKind::kMacs:
      return text_form(fmt::format("^{0}(/{0})?$", kMac));
    case ValueKind::kNumbers:
      return field_form(*form.numbers, form.words);
    case ValueKind::kWords:
      return words_form(form.words);
    case ValueKind::kAddresses:
      return address_form(true);
    case ValueKind::kPorts:
      return port_form(true);
    case ValueKind::kFlags:
      return text_form("^[a-z0-9x, ]+(/[a-z0-9x, ]+)?$", true);
    case ValueKind::kIcmp:
      return icmp_form();
    case ValueKind::kPayload:
      return payload_form();
  }
  return true;
}

}  // namespace

Json text_form(const std::string& pattern, bool or_number) {
  const Json text = {{"type", "string"}, {"pattern", pattern}};
  return or_number ? any_of({text, {{"type", "number"}}}) : text;
}

Json words_form(std::span<const std::string_view> words) {
  Json form = enum_of(words);
  for (const std::string_view word : words) {
    if (word == "true") form["enum"].push_back(true);
    if (word == "false") form["enum"].push_back(false);
  }
  return form;
}

Json number_form(std::uint64_t low, std::uint64_t high) {
  return any_of(
      {{{"type", "integer"}, {"minimum", low}, {"maximum", high}},
       text_form(fmt::format("^{}$", kDecimal))});
}

Json list_form(const Json& item) {
  const Json list = {{"type", "array"}, {"minItems", 1}, {"items", item}};
  const Json nested = {
      {"type", "array"}, {"minItems", 1}, {"items", any_of({item, list})}};
  return any_of({item, nested});
}

Json match_form(const ValueForm& form) {
  const Json item = item_form(form);
  const Json value =
      form.kind == ValueKind::kPayload ? item : list_form(item);
  return any_of({value, negated(value)});
}

Json address_form(bool with_sets) {
  const std::string listed =
      fmt::format("{0}(/[0-9]{{1,3}}|-{0})?", kAddress);
  return text_form(with_sets ? fmt::format("^({}|{})$", kSet, listed)
                             : fmt::format("^{}$", listed));
}

Json port_form(bool with_sets) {
  const Json ports = field_form(kPortField, {});
  if (!with_sets) return ports;
  return any_of({ports, text_form(fmt::format("^{}$", kSet))});
}

Json map_form(const Json& properties,
              const std::vector<std::string>& required) {
  Json form = {{"type", "object"},
               {"properties", properties},
               {"additionalProperties", false}};
  if (!required.empty()) form["required"] = required;
  return form;
}

}  // namespace xdpgate
