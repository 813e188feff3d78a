// SPDX-License-Identifier: GPL-2.0-only
#include "cli/set_elements.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/diagnostics.h"
#include "base/say.h"
#include "base/text_file.h"
#include "cli/load_image.h"
#include "compile/element.h"
#include "policy/check.h"
#include "policy/set_file.h"

namespace xdpgate {
namespace {

void add(const AddressRange& range, std::vector<xg_element>& elements) {
  const auto parts = elements_of(range);
  elements.insert(elements.end(), parts.begin(), parts.end());
}

// The complaint about `word`, which may have been meant as a file's name.
std::string line_of(const Complaint& complaint, const std::string& word) {
  std::error_code failed;
  if (std::filesystem::exists(word, failed)) {
    return fmt::format("{}; `--file {}` reads elements from a file",
                       complaint.message, word);
  }
  if (complaint.hint.empty()) return complaint.message;
  return complaint.message + "; " + complaint.hint;
}

}  // namespace

std::expected<std::vector<xg_element>, ExitCode> elements_of_words(
    const std::vector<std::string>& words) {
  std::vector<xg_element> elements;
  bool sound = true;
  for (const std::string& word : words) {
    auto range = parse_address_range(word);
    if (range) {
      add(*range, elements);
    } else {
      say("xdpgate set: {}\n", line_of(range.error(), word));
      sound = false;
    }
  }
  if (!sound) return std::unexpected(kUsage);
  return elements;
}

std::expected<std::vector<xg_element>, ExitCode> elements_of_file(
    const std::string& path) {
  auto text = read_text_file(path, kMaxSetFileBytes);
  if (!text) {
    if (text.error().hint.empty()) {
      text.error().hint = "FILE has an element a line; - is standard input";
    }
    refuse(text.error());
    return std::unexpected(kSystem);
  }
  Diagnostics diagnostics;
  AddressElements read;
  read_address_file(*text, path, diagnostics, read);
  print_diagnostics(diagnostics);
  if (diagnostics.error_count() > 0) return std::unexpected(kRejected);
  std::vector<xg_element> elements;
  elements.reserve(read.v4.size() + read.v6.size());
  for (const auto& [lo, hi] : read.v4) add({Family::kIpv4, lo, hi}, elements);
  for (const auto& [lo, hi] : read.v6) add({Family::kIpv6, lo, hi}, elements);
  return elements;
}

}  // namespace xdpgate
