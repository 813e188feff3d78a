/* SPDX-License-Identifier: GPL-2.0-only */
/* The trie's lookup as the native engine compiles it, for the tests. */
#include "tests/compile/trie_host.h"

#include "xdp/image.h"

/* xdp/trie.h, as the engine has it. */
__u32 xg_trie_find(__u64 hi, __u64 lo, __u32 entry);

__u32 trie_host_find(const void *image, __u32 size, __u32 root, __u64 hi,
		     __u64 lo)
{
	xg_host_image = image;
	xg_image_limit = size;
	return xg_trie_find(hi, lo, root);
}
