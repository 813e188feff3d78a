/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XG_TRIE_HOST_H
#define XG_TRIE_HOST_H

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif
/* xg_trie_find() over an image of `size` bytes. */
__u32 trie_host_find(const void *image, __u32 size, __u32 root, __u64 hi,
		     __u64 lo);
#ifdef __cplusplus
}
#endif

#endif
