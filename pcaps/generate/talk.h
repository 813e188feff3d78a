// SPDX-License-Identifier: GPL-2.0-only
// A TCP connection, from handshake to goodbye, frame by frame into a Capture.
#pragma once

#include <cstdint>

#include "pcaps/generate/capture.h"

namespace xdpgate::pcaps {

/// Whether both directions are captured, or only what comes in to our hosts (as
/// an XDP program sees it).
enum class View : std::uint8_t { kBoth, kIncoming };

class TcpTalk {
 public:
  /// `path` goes from client to server.
  TcpTalk(Capture& capture, const Path& path, std::uint16_t from,
          std::uint16_t to, View view = View::kBoth);

  /// The handshake: three frames.
  TcpTalk& open();
  /// Data of the client and the server's acknowledgement.
  TcpTalk& ask(const Bytes& data);
  /// Data of the server and the client's acknowledgement.
  TcpTalk& answer(const Bytes& data);
  /// Three frames.
  TcpTalk& close();
  /// The client's SYN and the server's refusal.
  TcpTalk& refused();

 private:
  void send(const Path& path, const Tcp& header, const Bytes& data);
  void client(std::uint16_t flags, const Bytes& data = {});
  void server(std::uint16_t flags, const Bytes& data = {});

  Capture& capture_;
  Path path_;
  std::uint16_t from_, to_;
  View view_;
  std::uint32_t client_seq_ = 1000, server_seq_ = 5000;
};

}  // namespace xdpgate::pcaps
