// SPDX-License-Identifier: GPL-2.0-only
// Small questions about text: is it a number, which word was meant, how does
// it look inside a message. Knows nothing of policies or packets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace xdpgate {

/// What is wrong with a piece of text, without its place in a file.
struct Complaint {
  std::string message;
  std::string hint;  ///< what to write instead; may be empty
};

/// The value of a piece of text, or what is wrong with it.
template <class T>
using Parsed = std::expected<T, Complaint>;

/// `return complaint("...", "...")` in a function that returns any Parsed.
inline std::unexpected<Complaint> complaint(std::string message,
                                            std::string hint = {}) {
  return std::unexpected(Complaint{std::move(message), std::move(hint)});
}

enum class NumberForm : std::uint8_t {
  kDecimal,
  kHex,          ///< 0x and hexadecimal digits
  kLeadingZero,  ///< 010: decimal to some, octal to others
  kNone,         ///< not a number
};

/// A piece of text read as an unsigned number.
struct NumberText {
  NumberForm form = NumberForm::kNone;
  std::uint64_t value = 0;  ///< 2^64 - 1 stands for everything beyond, too
};

/// Reads `text` as digits, or 0x and hexadecimal digits, and nothing else. A
/// number with a leading zero has its decimal value.
[[nodiscard]] NumberText read_number(std::string_view text);

/// `text` in backquotes for a message: what is neither printable nor UTF-8
/// escaped, long text cut. Empty text is "".
[[nodiscard]] std::string in_quotes(std::string_view text);

/// The words in backquotes with commas between them.
[[nodiscard]] std::string quoted_words(std::span<const std::string_view> words);

/// The candidate that `word` most likely stands for, or nothing where none is
/// near: the only one that it is the beginning of, else the one with the fewest
/// letters changed, of equally near ones the first. Case does not count.
[[nodiscard]] std::optional<std::string_view> nearest_word(
    std::string_view word, std::span<const std::string_view> candidates);

/// "did you mean `x`?" for the nearest candidate, else empty.
[[nodiscard]] std::string nearest_hint(
    std::string_view word, std::span<const std::string_view> candidates);

/// Bytes of the UTF-8 character that `text` starts with; 0: it is none.
[[nodiscard]] std::size_t utf8_size(std::string_view text);

/// What a text that should be one value most likely meant, as a hint: a list
/// (`80,443`), a range (`80:90`), a negation (`!80`), everything (`any`); empty
/// where it looks like none of them.
[[nodiscard]] std::string shape_hint(std::string_view text);

/// Whether `text` is 1 to `longest` letters, digits and characters of
/// `others`.
[[nodiscard]] bool is_word(std::string_view text, std::string_view others,
                           std::size_t longest);

/// `text` without the blanks at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace xdpgate
