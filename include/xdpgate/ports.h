/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Totals an interface, of an instance that runs on several: what the XDP
 * program and the tool agree on, beside abi.h. An element of the instance's map
 * is an interface's by the lowest bits of its index; two of one instance that
 * agree in these share it.
 */
#ifndef XDPGATE_PORTS_H
#define XDPGATE_PORTS_H

#include <xdpgate/abi.h>

#define XG_PORTS 256u /* a power of two */

struct xg_port {
	struct xg_counter verdict[XG_VERDICTS];
};
XG_ASSERT(sizeof(struct xg_port) == 64, "xg_port: one line of the cache");

#endif
