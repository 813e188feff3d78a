// SPDX-License-Identifier: GPL-2.0-only
// Small fields of the IP and TCP headers: DSCP, ECN (RFC 2474, 3168), flags.
#include "policy/names.h"

namespace xdpgate {
namespace {

constexpr NamedNumber kDscp[] = {
    {"cs0", 0},          {"df", 0},    {"be", 0},    {"lephb", 1}, {"le", 1},
    {"cs1", 8},          {"cs2", 16},  {"cs3", 24},  {"cs4", 32},  {"cs5", 40},
    {"cs6", 48},         {"cs7", 56},  {"af11", 10}, {"af12", 12}, {"af13", 14},
    {"af21", 18},        {"af22", 20}, {"af23", 22}, {"af31", 26}, {"af32", 28},
    {"af33", 30},        {"af41", 34}, {"af42", 36}, {"af43", 38}, {"va", 44},
    {"voice-admit", 44}, {"ef", 46},
};

constexpr NamedNumber kEcn[] = {
    {"not-ect", 0},
    {"ect1", 1},
    {"ect0", 2},
    {"ce", 3},
};

constexpr NamedNumber kTcpFlags[] = {
    {"fin", 0x01}, {"syn", 0x02}, {"rst", 0x04}, {"psh", 0x08}, {"ack", 0x10},
    {"urg", 0x20}, {"ece", 0x40}, {"ecn", 0x40}, {"cwr", 0x80},
};

}  // namespace

const NameTable& dscp_names() {
  static const NameTable table(kDscp);
  return table;
}

const NameTable& ecn_names() {
  static const NameTable table(kEcn);
  return table;
}

const NameTable& tcp_flag_names() {
  static const NameTable table(kTcpFlags);
  return table;
}

}  // namespace xdpgate
