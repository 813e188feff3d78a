// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/ethtool.h"

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstring>
#include <map>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace xdpgate {
namespace {

// SIOCETHTOOL with `command`, the first bytes of which say what is asked.
bool ask(const std::string& interface, void* command) {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  request.ifr_data = static_cast<char*>(command);
  return socket && ::ioctl(socket.get(), SIOCETHTOOL, &request) == 0;
}

// An ethtool command of type T with `bytes` of data behind it.
template <class T>
class Command {
 public:
  Command(std::uint32_t number, std::size_t bytes)
      : words_((sizeof(T) + bytes) / sizeof(std::uint64_t) + 1) {
    get()->cmd = number;
  }
  T* get() { return reinterpret_cast<T*>(words_.data()); }

 private:
  std::vector<std::uint64_t> words_;  // aligned for every T
};

// Names of the features, by the number of their bit.
std::vector<std::string> feature_names(const std::string& interface) {
  Command<ethtool_sset_info> count(ETHTOOL_GSSET_INFO, sizeof(std::uint32_t));
  count.get()->sset_mask = 1ULL << ETH_SS_FEATURES;
  if (!ask(interface, count.get()) || count.get()->sset_mask == 0) return {};
  const std::size_t size = count.get()->data[0];
  Command<ethtool_gstrings> strings(ETHTOOL_GSTRINGS, size * ETH_GSTRING_LEN);
  strings.get()->string_set = ETH_SS_FEATURES;
  strings.get()->len = static_cast<std::uint32_t>(size);
  if (!ask(interface, strings.get())) return {};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < size; ++i) {
    const auto* name = reinterpret_cast<const char*>(strings.get()->data +
                                                     i * ETH_GSTRING_LEN);
    names.emplace_back(name, ::strnlen(name, ETH_GSTRING_LEN));
  }
  return names;
}

void read_offload(const ethtool_get_features_block* blocks, std::size_t bit,
                  Offload& offload) {
  const ethtool_get_features_block& block = blocks[bit / 32];
  const std::uint32_t mask = 1U << bit % 32;
  offload.on = (block.active & mask) != 0;
  offload.fixed =
      (block.never_changed & mask) != 0 || (block.available & mask) == 0;
}

}  // namespace

Driver driver_of(const std::string& interface) {
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  if (!ask(interface, &info)) return {};
  return {info.driver, info.version, info.bus_info};
}

Offloads offloads_of(const std::string& interface) {
  static const std::map<std::string_view, Offload Offloads::*> kKnown = {
      {"rx-lro", &Offloads::lro},
      {"rx-gro-hw", &Offloads::gro_hw},
      {"rx-vlan-hw-parse", &Offloads::rxvlan},
      {"tx-vlan-hw-insert", &Offloads::txvlan}};
  Offloads result;
  const auto names = feature_names(interface);
  const std::size_t blocks = (names.size() + 31) / 32;
  Command<ethtool_gfeatures> features(
      ETHTOOL_GFEATURES, blocks * sizeof(ethtool_get_features_block));
  features.get()->size = static_cast<std::uint32_t>(blocks);
  if (blocks == 0 || !ask(interface, features.get())) return result;
  for (std::size_t bit = 0; bit < names.size(); ++bit) {
    const auto known = kKnown.find(names[bit]);
    if (known == kKnown.end()) continue;
    read_offload(features.get()->features, bit, result.*known->second);
  }
  return result;
}

std::optional<Channels> channels_of(const std::string& interface) {
  ethtool_channels counts{};
  counts.cmd = ETHTOOL_GCHANNELS;
  if (!ask(interface, &counts)) return std::nullopt;
  return Channels{counts.rx_count,     counts.tx_count, counts.combined_count,
                  counts.max_rx,       counts.max_tx,   counts.max_combined};
}

}  // namespace xdpgate
