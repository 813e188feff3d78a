// SPDX-License-Identifier: GPL-2.0-only
#include "pcaps/generate/talk.h"

namespace xdpgate::pcaps {
namespace {

// MSS 1460, SACK permitted, window scale 7: what a SYN of today carries.
const Bytes kSynOptions = hex("020405b4 0402 0103 0307 0101");

// SYN and FIN take a number of the sequence.
std::uint32_t numbers_taken(std::uint16_t flags, const Bytes& data) {
  return static_cast<std::uint32_t>(data.size()) +
         ((flags & (kSyn | kFin)) != 0 ? 1 : 0);
}

}  // namespace

TcpTalk::TcpTalk(Capture& capture, const Path& path, std::uint16_t from,
                 std::uint16_t to, View view)
    : capture_(capture), path_(path), from_(from), to_(to), view_(view) {}

void TcpTalk::send(const Path& path, const Tcp& header, const Bytes& data) {
  if (view_ == View::kIncoming && is_ours(path.from)) return;
  capture_.send(path, ip(path, kTcp, tcp(path, header, data)));
}

void TcpTalk::client(std::uint16_t flags, const Bytes& data) {
  const bool syn = (flags & kSyn) != 0;
  send(path_,
       {from_, to_, flags, client_seq_, syn ? 0 : server_seq_,
        syn ? kSynOptions : Bytes{}},
       data);
  client_seq_ += numbers_taken(flags, data);
}

void TcpTalk::server(std::uint16_t flags, const Bytes& data) {
  const bool syn = (flags & kSyn) != 0;
  send(path_.back(),
       {to_, from_, flags, server_seq_, client_seq_,
        syn ? kSynOptions : Bytes{}},
       data);
  server_seq_ += numbers_taken(flags, data);
}

TcpTalk& TcpTalk::open() {
  client(kSyn);
  server(kSyn | kAck);
  client(kAck);
  return *this;
}

TcpTalk& TcpTalk::ask(const Bytes& data) {
  client(kPsh | kAck, data);
  server(kAck);
  return *this;
}

TcpTalk& TcpTalk::answer(const Bytes& data) {
  server(kPsh | kAck, data);
  client(kAck);
  return *this;
}

TcpTalk& TcpTalk::close() {
  client(kFin | kAck);
  server(kFin | kAck);
  client(kAck);
  return *this;
}

TcpTalk& TcpTalk::refused() {
  client(kSyn);
  server(kRst | kAck);
  return *this;
}

}  // namespace xdpgate::pcaps
