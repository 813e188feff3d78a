// SPDX-License-Identifier: GPL-2.0-only
#include "import/xdp_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace xdpgate {
namespace {

using Flags = std::set<std::string>;

Flags flags_of(const std::string& text) {
  Flags flags;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) flags.insert(word);
  return flags;
}

enum class Part { kNone, kInterfaces, kPorts, kAddresses, kMacs };

Part part_of(std::string_view line) {
  if (line.starts_with("Loaded on")) return Part::kInterfaces;
  if (line.starts_with("Filtered ports")) return Part::kPorts;
  if (line.starts_with("Filtered IP")) return Part::kAddresses;
  if (line.starts_with("Filtered MAC")) return Part::kMacs;
  return Part::kNone;
}

class XdpFilterImport {
 public:
  Parsed<Draft> run(std::string_view text) {
    if (!text.contains("XDP-FILTER STATUS")) {
      return complaint("this is not what `xdp-filter status` prints");
    }
    draft_.origin = "From xdp-filter";
    draft_.name = "xdp-filter";
    for (int number = 1; !text.empty(); ++number) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      read(text.substr(0, end), number);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (draft_.interfaces.empty()) {
      return complaint("xdp-filter is loaded on no interface");
    }
    return finish();
  }

 private:
  void read(std::string_view line, int number) {
    const Part part = part_of(line);
    if (part != Part::kNone) {
      part_ = part;
      return;
    }
    // Entries are indented by two blanks, headings by more.
    const bool entry = line.starts_with("  ") && line.size() > 2 &&
                       line[2] != ' ' && part_ != Part::kNone;
    if (!entry) return;
    std::istringstream words{std::string(line)};
    std::string what, mode;
    words >> what >> mode;
    if (part_ == Part::kInterfaces) return read_interface(line, what, number);
    add_entry(what, flags_of(mode), number);
  }

  // "  eth0 (native mode)    tcp,udp,ipv6,ipv4,ethernet,deny"
  void read_interface(std::string_view line, const std::string& name,
                      int number) {
    const std::string_view features =
        trimmed(line.substr(line.find_last_of(' ') + 1));
    const Flags flags = flags_of(std::string(features));
    if (!draft_.interfaces.empty() && flags != features_) {
      return draft_.leave_out(fmt::format("line {}", number),
                              std::string(trimmed(line)),
                              "other features than on the interfaces before");
    }
    features_ = flags;
    if (draft_.add_interface(name)) return;
    draft_.leave_out(fmt::format("line {}", number), std::string(trimmed(line)),
                     in_quotes(name) + " is not an interface name");
  }

  // Both sides, one, or none.
  static std::string side_key(const Flags& flags, const char* src,
                              const char* dst, const char* both) {
    const bool s = flags.contains("src"), d = flags.contains("dst");
    if (s && d) return both;
    return s ? src : d ? dst : "";
  }

  void add_entry(const std::string& what, const Flags& flags, int number) {
    switch (part_) {
      case Part::kPorts:
        return add_port(what, flags, number);
      case Part::kAddresses:
        return add_sides("ip", "src", "dst", what, flags, feature_of(what));
      case Part::kMacs:
        return add_sides("mac", "src_mac", "dst_mac", what, flags, "ethernet");
      default:
        return;
    }
  }

  static const char* feature_of(const std::string& address) {
    return address.contains(':') ? "ipv6" : "ipv4";
  }

  void add_port(const std::string& port, const Flags& flags, int number) {
    std::vector<std::string> protocols;
    for (const char* protocol : {"tcp", "udp"}) {
      if (flags.contains(protocol) && features_.contains(protocol)) {
        protocols.emplace_back(protocol);
      }
    }
    const std::string key = side_key(flags, "src_port", "dst_port", "port");
    if (protocols.empty() || key.empty()) {
      return draft_.leave_out(fmt::format("line {}", number), "port " + port,
                              "the loaded program does not look at it");
    }
    any_port_ = true;
    DraftRule rule{"port-" + port, {}, action(), ""};
    (void)rule.ask("protocol", yaml_list(protocols));
    (void)rule.ask(key, yaml_word(port));
    draft_.add(std::move(rule));
  }

  // One rule a side: no key is about either.
  void add_sides(const std::string& kind, const char* src, const char* dst,
                 const std::string& what, const Flags& flags,
                 const char* feature) {
    if (!features_.contains(feature)) {
      return draft_.leave_out(kind, what,
                              "the loaded program does not look at it");
    }
    for (const auto& [flag, key] : {std::pair{"src", src}, {"dst", dst}}) {
      if (!flags.contains(flag)) continue;
      DraftRule rule{
          fmt::format("{}-{}-{}", kind, flag, what), {}, action(), ""};
      (void)rule.ask(key, yaml_quoted(what));
      draft_.add(std::move(rule));
    }
  }

  // The list says what to drop, or what to pass.
  [[nodiscard]] std::string action() const {
    return features_.contains("deny") ? "pass" : "drop";
  }

  Draft finish() {
    draft_.default_action = features_.contains("deny") ? "drop" : "pass";
    draft_.malformed = "match";
    if (any_port_) {
      draft_.leave_out("ports", "later fragments",
                       "xdp-filter takes their first bytes for ports; they "
                       "have none here");
    }
    draft_.leave_out_refused();
    return std::move(draft_);
  }

  Part part_ = Part::kNone;
  Flags features_;
  bool any_port_ = false;
  Draft draft_;
};

}  // namespace

Parsed<Draft> import_xdp_filter(std::string_view status) {
  return XdpFilterImport().run(status);
}

}  // namespace xdpgate
