// SPDX-License-Identifier: GPL-2.0-only
// Another host: a network namespace beside the sandbox's, with one end of a
// veth pair, and the sockets of its programs.
#pragma once

#include <sys/socket.h>

#include <functional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "bpf/entry.h"
#include "tests/support/child.h"

namespace xdpgate::test {

/// Where a socket connects to, or listens: an address and a port.
struct Endpoint {
  Endpoint(const std::string& address, std::uint16_t port);

  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
  [[nodiscard]] socklen_t size() const;

  sockaddr_storage storage{};
};

/// A namespace that lives as long as this object; IPv6 is on there, and no
/// address waits for duplicates.
class Host {
 public:
  /// Makes the pair `near`, in the namespace of the caller, and `far`, here;
  /// both up. `far` sends frames as a card does, finished: with checksums and
  /// in segments. It carries an XDP program that passes everything, since what
  /// XDP sends through a veth arrives only then.
  Host(const std::string& near, const std::string& far);

  /// `ip WORDS...` here; a failure is the test's.
  void ip(const std::vector<std::string>& words) const;
  /// A socket of this namespace.
  [[nodiscard]] Fd socket(int family, int type) const;

 private:
  void run_here(const std::string& program,
                const std::vector<std::string>& words) const;

  /// Runs `task` on a thread that is in this namespace.
  void inside(const std::function<void()>& task) const;

  Child child_;
  Entry passes_all_;
  Fd link_;
};

/// The MAC of an interface of the caller's namespace, in words.
[[nodiscard]] std::string mac_of(const std::string& interface);

/// What a client learns of `to` within some seconds: 0 (it answers, or, UDP,
/// nothing came), or an errno. UDP sends one datagram and waits a moment.
[[nodiscard]] int try_to_reach(const Host& from, int type, const Endpoint& to);

}  // namespace xdpgate::test
