// SPDX-License-Identifier: GPL-2.0-only
#include "rulefile/read.h"

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <new>
#include <string_view>
#include <utility>

#include "rulefile/encoding.h"
#include "rulefile/guarded_input.h"
#include "rulefile/refusal.h"
#include "rulefile/syntax_error.h"
#include "rulefile/tree_builder.h"

namespace xdpgate {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Runs the library; nothing that it says of the text gets past here.
std::optional<Refusal> run(std::string& text, TreeBuilder& builder,
                           GuardedInput& input) {
  try {
    std::istream stream(&input);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (Refusal& refusal) {
    if (refusal.at.line == 0) refusal.at = builder.last();
    return std::move(refusal);
  } catch (const YAML::Exception& error) {
    return explain_syntax_error(error, text, builder);
  } catch (const std::bad_alloc&) {
    throw;  // the policy is not to blame
  } catch (const std::exception& error) {
    return Refusal{
        builder.last(), fmt::format("this is not YAML: {}", error.what()), {}};
  }
  return std::nullopt;
}

std::optional<Refusal> find_oversize(std::string_view text) {
  if (text.size() <= kMaxPolicyBytes) return std::nullopt;
  return Refusal{
      {},
      fmt::format("the file has more than {} bytes", kMaxPolicyBytes),
      "put long address and port lists in set files"};
}

}  // namespace

std::optional<RuleFile> read_rule_file(std::string text, std::string path,
                                       Diagnostics& diagnostics) {
  std::string source = text;
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  GuardedInput input(text);
  TreeBuilder builder(text, input);
  auto refusal = find_oversize(text);
  if (!refusal) refusal = find_bad_byte(text);
  if (!refusal) refusal = run(text, builder, input);
  if (!refusal) return builder.take(std::move(path), std::move(source));
  diagnostics.error(path, refusal->at, refusal->message, refusal->hint);
  return std::nullopt;
}

}  // namespace xdpgate
