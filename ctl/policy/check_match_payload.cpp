// SPDX-License-Identifier: GPL-2.0-only
// Match key `payload`: raw bytes.
#include <fmt/format.h>
#include <xdpgate/abi.h>

#include <cstddef>
#include <utility>

#include "base/hex.h"
#include "policy/check_match.h"
#include "policy/grammar.h"

namespace xdpgate {
namespace {

using Bytes = std::vector<std::uint8_t>;

enum PayloadKey { kAt, kOffset, kBytes, kMask };
constexpr std::string_view kKeys[] = {"at", "offset", "bytes", "mask"};
constexpr NumberField kOffsetField = {"an offset", 65535};

Parsed<Bytes> parse_bytes(std::string_view text) {
  auto bytes = parse_hex(text);
  if (!bytes) {
    return complaint(
        fmt::format("{} is not hexadecimal bytes", in_quotes(text)),
        "two digits a byte, as in `0800`");
  }
  if (bytes->size() > XG_PAYLOAD_MAX) {
    return complaint(fmt::format("{} has more than {} bytes", in_quotes(text),
                                 XG_PAYLOAD_MAX));
  }
  return std::move(*bytes);
}

std::string bytes_text(std::size_t count) {
  return fmt::format("{} {}", count, count == 1 ? "byte" : "bytes");
}

// The value of a required field; an error at the map where it is missing.
const Node* require(Context& context, const Node& map,
                    const std::vector<Field>& fields, PayloadKey key) {
  if (fields[key]) return fields[key].value;
  report_missing(context, map, {"the payload", kKeys}, kKeys[key],
                 "{at: ip, offset: 9, bytes: \"06\"}");
  return nullptr;
}

std::optional<Bytes> read_bytes(Context& context, const Node& node,
                                std::string_view what) {
  auto word = read_word(context, node, what);
  if (!word) return std::nullopt;
  auto bytes = parse_bytes(*word);
  if (bytes) return *bytes;
  context.error(node, bytes.error());
  return std::nullopt;
}

std::optional<std::uint32_t> read_offset(Context& context, const Field& field) {
  if (!field) return 0;
  auto word = read_word(context, *field.value, "offset");
  if (!word) return std::nullopt;
  auto offset = parse_number(*word, kOffsetField);
  if (offset) return *offset;
  context.error(*field.value, offset.error());
  return std::nullopt;
}

// Whether the mask fits the bytes; each misfit is an error at the mask or at
// the bytes.
bool mask_fits(Context& context, const Node& bytes_node, const Node& mask_node,
               const Bytes& bytes, const Bytes& mask) {
  if (mask.size() != bytes.size()) {
    context.error(mask_node, fmt::format("`mask` is {} long, but `bytes` {}",
                                         bytes_text(mask.size()),
                                         bytes_text(bytes.size())));
    return false;
  }
  Bytes masked = bytes;
  for (std::size_t i = 0; i < mask.size(); ++i) masked[i] &= mask[i];
  if (masked == bytes) return true;
  context.error(bytes_node, "`bytes` has bits set outside its mask",
                fmt::format("write \"{}\"", hex_text(masked)));
  return false;
}

// All ones where there is no `field`.
std::optional<Bytes> read_mask(Context& context, const Field& field,
                               const Node* bytes_node,
                               const std::optional<Bytes>& bytes) {
  if (!field) return Bytes(bytes ? bytes->size() : 0, 0xff);
  auto mask = read_bytes(context, *field.value, "mask");
  if (!mask || !bytes) return std::nullopt;
  if (!mask_fits(context, *bytes_node, *field.value, *bytes, *mask)) {
    return std::nullopt;
  }
  return mask;
}

std::optional<PayloadMatch> read_one(Context& context, const Node& map) {
  if (!expect_map(context, map, "`payload`")) return std::nullopt;
  auto fields = read_fields(context, map, {"a payload", kKeys});
  const Node* at = require(context, map, fields, kAt);
  const Node* bytes_node = require(context, map, fields, kBytes);
  auto base = at ? read_choice(context, *at, "at", kBaseWords) : std::nullopt;
  auto offset = read_offset(context, fields[kOffset]);
  auto bytes =
      bytes_node ? read_bytes(context, *bytes_node, "bytes") : std::nullopt;
  auto mask = read_mask(context, fields[kMask], bytes_node, bytes);
  if (!base || !offset || !bytes || !mask) return std::nullopt;
  return PayloadMatch{static_cast<PayloadBase>(*base), *offset, *bytes, *mask};
}

}  // namespace

std::span<const std::string_view> payload_keys() { return kKeys; }

void read_payload(MatchReader& reader, const KeyUse& use) {
  const RuleFile& file = reader.context.file();
  const Node* map = &use.value;
  auto is_negation = [&](const Node& node) {
    return file.entries(node) == 1 && file.text(file.key(node, 0)) == "not";
  };
  bool negated = is_negation(*map);
  if (negated) map = &file.value(*map, 0);
  if (negated && is_negation(*map)) {
    return reader.context.error(*map, "`not` stands once around a value");
  }
  auto match = read_one(reader.context, *map);
  if (!match) return;
  match->negated = negated;
  if (match->base != PayloadBase::kEther) {
    reader.families.push_back(
        {&use.key, in_quotes(use.name), true, true, false});
  }
  reader.match.payload.push_back(std::move(*match));
}

}  // namespace xdpgate
