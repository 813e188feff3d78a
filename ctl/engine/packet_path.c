/* SPDX-License-Identifier: GPL-2.0-only */
#include "engine/packet_path.h"

#include "xdp/parse.h"
#include "xdp/judge.h"

_Thread_local const void *xg_host_image;
_Thread_local __u32 xg_image_limit;
_Thread_local __u32 xg_features;
_Thread_local struct xg_counter *xg_host_counters;
_Thread_local __u32 xg_host_counter_count;
_Thread_local const struct xg_host_state *xg_host_state;
_Thread_local struct xg_memo xg_host_memo;

static xg_ctx context_of(const struct xg_host_frame *frame)
{
	return (xg_ctx){.bytes = frame->bytes,
			.first = frame->first,
			.length = frame->length,
			.ifindex = frame->ifindex};
}

void xg_host_parse(const struct xg_host_frame *frame, __u32 features,
		   struct xg_key *key)
{
	xg_ctx ctx = context_of(frame);

	xg_parse(&ctx, key, frame->length, features, 0);
}

/* What the kernel's program has as maps and constants, the host's has as
 * variables of the thread. */
static void enter(const struct xg_host_policy *policy)
{
	const struct xg_header *h = policy->image;

	xg_host_image = h;
	xg_image_limit = h->size;
	xg_features = h->features;
	xg_host_counters = policy->counters;
	xg_host_counter_count = policy->counter_count;
	xg_host_state = policy->state;
}

struct xg_host_verdict xg_host_judge(const struct xg_host_policy *policy,
				     const struct xg_host_frame *frame)
{
	xg_ctx ctx = context_of(frame);
	struct xg_outcome outcome;
	struct xg_key key;
	__u32 class;

	enter(policy);
	xg_memo_begin(0);
	class = xg_parse(&ctx, &key, frame->length, xg_features, 0);
	xg_judge(&ctx, &key, xg_image(), frame->length, &outcome, 1);
	return (struct xg_host_verdict){outcome.verdict, outcome.rule, class};
}
