/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/scan_in.h"

#include <errno.h>
#include <unistd.h>

/* Records are sent when this much has come together; what is weighty is sent at once, so that a
 * crash in the next moment does not lose it. */
enum { SEND_AT = 24 << 10, BUFFER_MOST_MIB = 512 };

gh_code gh_speaker_init(gh_speaker *s, int fd)
{
	*s = (gh_speaker){ .fd = fd };
	if (pthread_mutex_init(&s->lock, NULL) != 0)
		return GH_NOMEM;
	s->ctx.arena = gh_arena_new(GH_MIB(BUFFER_MOST_MIB));
	if (!s->ctx.arena)
		return GH_NOMEM;
	s->buffer = gh_buf_in(s->ctx.arena, GH_MIB(BUFFER_MOST_MIB / 2));
	return GH_OK;
}

void gh_speaker_free(gh_speaker *s)
{
	gh_arena_free(s->ctx.arena);
	pthread_mutex_destroy(&s->lock);
}

static void send(gh_speaker *s)
{
	size_t at = 0;
	while (at < s->buffer.len && !s->deaf) {
		ssize_t n = write(s->fd, s->buffer.ptr + at, s->buffer.len - at);
		if (n > 0)
			at += (size_t)n;
		else if (n < 0 && errno != EINTR)
			s->deaf = true;
	}
	s->buffer.len = 0;
}

/* One record from begin to end under the lock. */
#define SAY(s, kind, now, statement)                                                                                   \
	do {                                                                                                           \
		pthread_mutex_lock(&(s)->lock);                                                                        \
		size_t mark;                                                                                           \
		gh_wire w = gh_wire_begin(&(s)->ctx, &(s)->buffer, (kind), &mark);                                     \
		statement;                                                                                             \
		gh_code said = gh_wire_end(&w, mark);                                                                  \
		if ((now) || said != GH_OK || (s)->buffer.len >= SEND_AT)                                              \
			send(s);                                                                                       \
		pthread_mutex_unlock(&(s)->lock);                                                                      \
	} while (0)

void gh_say_hello(gh_speaker *s, gh_hello *hello)
{
	SAY(s, GH_RECORD_HELLO, true, gh_wire_hello(&w, hello));
}

void gh_say_node(gh_speaker *s, gh_node *node)
{
	SAY(s, GH_RECORD_NODE, true, gh_wire_node(&w, node));
}

void gh_say_entry(gh_speaker *s, const gh_node *volume, uint32_t index)
{
	gh_wire_entry entry = { volume->id, index, volume->volume->entries[index] };
	SAY(s, GH_RECORD_ENTRY, false, gh_wire_entry_fields(&w, &entry));
}

void gh_say_finding(gh_speaker *s, gh_finding *finding)
{
	SAY(s, GH_RECORD_FINDING, true, gh_wire_finding(&w, finding));
}

void gh_say_warning(gh_speaker *s, const char *line)
{
	SAY(s, GH_RECORD_WARNING, true, gh_wire_text(&w, &line));
}

void gh_say_rules(gh_speaker *s, gh_bytes blob)
{
	SAY(s, GH_RECORD_RULES, true, w.code = gh_buf_add(w.ctx, w.out, blob); w.bad |= w.code != GH_OK);
}

void gh_say_caps(gh_speaker *s, gh_bytes blob)
{
	SAY(s, GH_RECORD_CAPS, true, w.code = gh_buf_add(w.ctx, w.out, blob); w.bad |= w.code != GH_OK);
}

void gh_say_program(gh_speaker *s, gh_program_view *view)
{
	SAY(s, GH_RECORD_PROGRAM, true, gh_wire_program(&w, view));
}

void gh_say_progress(gh_speaker *s, uint64_t done)
{
	SAY(s, GH_RECORD_PROGRESS, true, gh_wire_u64(&w, &done));
}

void gh_say_again(gh_speaker *s)
{
	uint64_t why = 0;
	SAY(s, GH_RECORD_AGAIN, true, gh_wire_u64(&w, &why));
}

void gh_say_done(gh_speaker *s, gh_done *done)
{
	SAY(s, GH_RECORD_DONE, true, gh_wire_done(&w, done));
}
