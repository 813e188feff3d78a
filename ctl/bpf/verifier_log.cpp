// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/verifier_log.h"

#include <bpf/libbpf.h>

namespace xdpgate {
namespace {

// Before 6.4 the kernel answers ENOSPC when the log does not fit and says
// nothing else. Memory is taken only for what is written.
constexpr std::size_t kLogBytes = 16 << 20;

bool is_statistics(std::string_view line) {
  return line.starts_with("processed ") || line.starts_with("stack depth ") ||
         line.starts_with("verification time ");
}

/// Takes the last line off `text`.
std::string_view take_last_line(std::string_view& text) {
  const auto newline = text.rfind('\n');
  const auto line =
      newline == text.npos ? text : text.substr(newline + 1);
  text = newline == text.npos ? std::string_view() : text.substr(0, newline);
  return line;
}

}  // namespace

std::string verifier_last_words(std::string_view log) {
  std::string words;
  int lines = 0;
  while (!log.empty() && lines < 2) {
    const auto line = take_last_line(log);
    if (line.empty() || is_statistics(line)) continue;
    words = words.empty() ? std::string(line)
                          : std::string(line) + ": " + words;
    ++lines;
  }
  return words;
}

VerifierLog::VerifierLog(bpf_program* program)
    : text_(std::make_unique_for_overwrite<char[]>(kLogBytes)) {
  text_[0] = '\0';
  bpf_program__set_log_buf(program, text_.get(), kLogBytes);
}

}  // namespace xdpgate
