// SPDX-License-Identifier: GPL-2.0-only
#include "import/iptables_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace xdpgate {
namespace {

using Words = std::vector<std::string>;
using Why = std::optional<std::string>;

Words split(const std::string& text, char at) {
  Words parts;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != at) continue;
    parts.push_back(text.substr(from, i - from));
    from = i + 1;
  }
  return parts;
}

// "80:90" -> "80-90", ":90" -> "0-90".
std::string range_text(const std::string& text) {
  const auto at = text.find(':');
  if (at == std::string::npos) return text;
  const std::string lo = text.substr(0, at), hi = text.substr(at + 1);
  return fmt::format("{}-{}", lo.empty() ? "0" : lo, hi.empty() ? "65535" : hi);
}

std::string ranges_text(const std::string& text) {
  Words items;
  for (const std::string& part : split(text, ',')) {
    items.push_back(yaml_word(range_text(part)));
  }
  return yaml_list(items);
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return text;
}

class Reader {
 public:
  Reader(const Words& words, Family family, IptablesRule& rule)
      : words_(words), family_(family), rule_(rule) {}

  Why run() {
    while (at_ < words_.size() && rule_.target.empty()) {
      if (auto why = option()) return why;
    }
    rule_.target_options.assign(
        words_.begin() + static_cast<std::ptrdiff_t>(at_), words_.end());
    return std::nullopt;
  }

 private:
  std::string next() {
    return at_ < words_.size() ? words_[at_++] : std::string();
  }

  Why ask(const std::string& key, const std::string& value) {
    const std::string said = negated_ ? yaml_not(value) : value;
    if (rule_.draft.ask(key, said)) return std::nullopt;
    return fmt::format("a second condition on `{}`", key);
  }

  Why option() {
    std::string word = next();
    negated_ = word == "!";
    if (negated_) word = next();
    if (word == "-j" || word == "-g") {
      rule_.is_goto = word == "-g";
      rule_.target = next();
      return std::nullopt;
    }
    if (word == "-m") return module(next());
    return condition(word);
  }

  Why module(const std::string& name) {
    constexpr std::string_view kKnown[] = {
        "tcp",   "udp",       "udplite",   "sctp",    "dccp", "icmp",
        "icmp6", "ipv6-icmp", "multiport", "iprange", "mac",  "comment",
        "ttl",   "hl",        "dscp",      "length"};
    if (std::ranges::find(kKnown, name) != std::end(kKnown)) {
      return std::nullopt;
    }
    if (name == "conntrack" || name == "state") {
      return fmt::format("the filter keeps no connections (`-m {}`)", name);
    }
    return fmt::format("there is no such condition (`-m {}`)", name);
  }

  Why condition(const std::string& word) {
    if (word == "-s" || word == "--source") return address("src");
    if (word == "-d" || word == "--destination") return address("dst");
    if (word == "-i" || word == "--in-interface") return interface();
    if (word == "-p" || word == "--protocol") return protocol();
    if (word == "-f" || word == "--fragment") return fragment();
    if (word == "--sport" || word == "--source-port") return port("src_port");
    if (word == "--dport" || word == "--destination-port") {
      return port("dst_port");
    }
    if (word == "--sports") return ports("src_port");
    if (word == "--dports") return ports("dst_port");
    if (word == "--ports") return ports("port");
    if (word == "--tcp-flags") return tcp_flags();
    if (word == "--syn") return flags("\"syn/syn,rst,ack,fin\"");
    if (word == "--icmp-type" || word == "--icmpv6-type") return icmp_type();
    if (word == "--src-range") return ask("src", yaml_quoted(next()));
    if (word == "--dst-range") return ask("dst", yaml_quoted(next()));
    if (word == "--mac-source") {
      return ask("src_mac", yaml_quoted(lower(next())));
    }
    if (word == "--length") return length();
    if (word == "--dscp") return dscp();
    if (word.starts_with("--ttl-") || word.starts_with("--hl-")) {
      return ttl(word.substr(word.find_last_of('-') + 1));
    }
    if (word == "--comment") {
      rule_.draft.comment = next();
      return std::nullopt;
    }
    return fmt::format("there is no such condition ({})", word);
  }

  Why address(const char* key) {
    const std::string text = next();
    const auto slash = text.find('/');
    const bool odd_mask =
        slash != std::string::npos &&
        text.find_first_not_of("0123456789", slash + 1) != std::string::npos;
    if (odd_mask) return "a mask that is no prefix";
    return ask(key, yaml_quoted(text));
  }

  Why interface() {
    const std::string name = next();
    if (name.ends_with('+')) return "interface names with `+`";
    return ask("interface", yaml_quoted(name));
  }

  Why protocol() {
    std::string name = lower(next());
    if (name == "all" || name == "0") {
      return negated_ ? Why("a rule for no packet") : std::nullopt;
    }
    if (name == "ipv6-icmp" || name == "icmp6") name = "icmpv6";
    return ask("protocol", yaml_word(name));
  }

  Why fragment() {
    const bool first = std::exchange(negated_, false);
    return ask("fragment", first ? "[none, first]" : "later");
  }

  // -m tcp asks for whole or first parts, as ports do here.
  Why port(const char* key) { return ask(key, yaml_word(range_text(next()))); }
  Why ports(const char* key) { return ask(key, ranges_text(next())); }

  Why flags(const std::string& value) { return ask("tcp_flags", value); }
  Why tcp_flags() {
    const std::string mask = lower(next());
    const std::string set = lower(next());
    return flags(yaml_quoted(fmt::format("{}/{}", set, mask)));
  }

  Why icmp_type() {
    const std::string text = next();
    if (text == "any" || text == "255") {
      return negated_ ? Why("a rule for no packet") : std::nullopt;
    }
    const Words parts = split(text, '/');
    if (parts.size() == 2 && negated_) {
      return "`not` around type and code together";
    }
    if (auto why = ask("icmp_type", yaml_word(parts[0]))) return why;
    return parts.size() == 2 ? ask("icmp_code", yaml_word(parts[1]))
                             : std::nullopt;
  }

  // Of IPv6 it is the payload's.
  Why length() {
    const std::string text = next();
    if (family_ == Family::kIpv6) return "the length of an IPv6 packet";
    return ask("length", yaml_word(range_text(text)));
  }

  Why dscp() {
    const std::string text = next();
    try {
      return ask("dscp", std::to_string(std::stoul(text, nullptr, 0)));
    } catch (const std::exception&) {
      return "a DSCP that is no number";
    }
  }

  Why ttl(const std::string& relation) {
    unsigned long number = 0;
    try {
      number = std::stoul(next());
    } catch (const std::exception&) {
      return "a TTL that is no number";
    }
    if (relation == "eq") return ask("ttl", std::to_string(number));
    if (relation == "lt" && number > 0) {
      return ask("ttl", fmt::format("0-{}", number - 1));
    }
    if (relation == "gt" && number < 255) {
      return ask("ttl", fmt::format("{}-255", number + 1));
    }
    return "a comparison that never holds";
  }

  const Words& words_;
  const Family family_;
  IptablesRule& rule_;
  std::size_t at_ = 0;
  bool negated_ = false;
};

}  // namespace

std::vector<std::string> shell_words(std::string_view line) {
  Words words;
  std::string word;
  bool quoted = false, any = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && i + 1 < line.size()) {
      word += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
      any = true;
    } else if (c == ' ' && !quoted) {
      if (any || !word.empty()) words.push_back(std::exchange(word, {}));
      any = false;
    } else {
      word += c;
    }
  }
  if (any || !word.empty()) words.push_back(word);
  return words;
}

std::optional<std::string> read_iptables_rule(
    const std::vector<std::string>& words, Family family, IptablesRule& rule) {
  return Reader(words, family, rule).run();
}

}  // namespace xdpgate
