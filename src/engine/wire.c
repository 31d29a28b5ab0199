/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wire.h"

enum { HEAD = 5, TEXT_MOST = 1 << 20, LIST_MOST = 1 << 16 };

static void put(gh_wire *w, gh_bytes b)
{
	gh_code code = w->bad ? GH_OK : gh_buf_add(w->ctx, w->out, b);
	if (code != GH_OK) {
		w->bad = true;
		w->code = code;
	}
}

void gh_wire_u64(gh_wire *w, uint64_t *value)
{
	if (!w->out) {
		*value = gh_u64le(&w->in);
		w->bad |= !gh_cur_ok(&w->in);
		return;
	}
	uint8_t raw[8];
	for (unsigned i = 0; i < 8; i++)
		raw[i] = (uint8_t)(*value >> (8 * i));
	put(w, gh_view(raw, sizeof raw));
}

static void u32(gh_wire *w, uint32_t *value)
{
	uint64_t v = *value;
	gh_wire_u64(w, &v);
	w->bad |= v > UINT32_MAX;
	*value = (uint32_t)v;
}

static void i64(gh_wire *w, int64_t *value)
{
	uint64_t v = (uint64_t)*value;
	gh_wire_u64(w, &v);
	*value = (int64_t)v;
}

static void flag(gh_wire *w, bool *value)
{
	uint64_t v = *value;
	gh_wire_u64(w, &v);
	w->bad |= v > 1;
	*value = v == 1;
}

/* An enum: what is beyond its last member is nonsense. */
static unsigned word(gh_wire *w, unsigned value, unsigned last)
{
	uint64_t v = value;
	gh_wire_u64(w, &v);
	w->bad |= v > last;
	return v > last ? 0 : (unsigned)v;
}

static void fixed(gh_wire *w, uint8_t *bytes, size_t len)
{
	if (w->out) {
		put(w, gh_view(bytes, len));
		return;
	}
	gh_bytes b = gh_take(&w->in, len);
	w->bad |= b.len != len;
	if (b.len == len)
		memcpy(bytes, b.ptr, len);
}

static void bytes(gh_wire *w, gh_bytes *b)
{
	uint64_t len = b->len;
	gh_wire_u64(w, &len);
	if (w->out) {
		put(w, *b);
		return;
	}
	*b = (gh_bytes){ NULL, 0 };
	if (len > TEXT_MOST)
		w->bad = true;
	gh_bytes in = w->bad ? (gh_bytes){ NULL, 0 } : gh_take(&w->in, len);
	w->bad |= !gh_cur_ok(&w->in);
	if (w->bad)
		return;
	char *copy = gh_arena_text(w->ctx->arena, in.ptr, in.len);
	if (copy) {
		*b = gh_view(copy, in.len);
	} else {
		w->bad = true;
		w->code = GH_NOMEM;
	}
}

void gh_wire_text(gh_wire *w, const char **text)
{
	bool there = *text != NULL;
	flag(w, &there);
	gh_bytes b = w->out && *text ? gh_view_text(*text) : (gh_bytes){ NULL, 0 };
	if (!there) {
		*text = NULL;
		return;
	}
	bytes(w, &b);
	if (!w->out)
		*text = w->bad ? NULL : (const char *)b.ptr;
}

/* A list of n things of which one takes at least `least` bytes on the wire. */
static size_t count(gh_wire *w, size_t n, size_t least)
{
	uint64_t v = n;
	gh_wire_u64(w, &v);
	if (!w->out && (v > LIST_MOST || !gh_room(&w->in, v, least)))
		w->bad = true;
	return w->bad ? 0 : (size_t)v;
}

static void *item(gh_wire *w, size_t size)
{
	void *ptr = gh_arena_zalloc(w->ctx->arena, size);
	if (!ptr) {
		w->bad = true;
		w->code = GH_NOMEM;
	}
	return ptr;
}

/* Walks a linked list when writing, grows one when reading. */
#define LIST(w, type, head, least, fields)                                                                             \
	do {                                                                                                           \
		size_t n_ = 0;                                                                                         \
		if ((w)->out)                                                                                          \
			for (const type *i_ = *(head); i_; i_ = i_->next)                                              \
				n_++;                                                                                  \
		n_ = count((w), n_, (least));                                                                          \
		type **at_ = (head);                                                                                   \
		for (size_t k_ = 0; k_ < n_ && !(w)->bad; k_++) {                                                      \
			if (!(w)->out)                                                                                 \
				*at_ = item((w), sizeof **at_);                                                        \
			if (*at_) {                                                                                    \
				fields((w), *at_);                                                                     \
				at_ = &(*at_)->next;                                                                   \
			}                                                                                              \
		}                                                                                                      \
	} while (0)

static void note_fields(gh_wire *w, gh_note *n)
{
	n->code = (gh_code)word(w, n->code, GH_NOMEM);
	gh_wire_u64(w, &n->at);
	gh_wire_text(w, &n->text);
	w->bad |= !n->text;
}

static void fact_fields(gh_wire *w, gh_fact *f)
{
	gh_wire_text(w, &f->key);
	bytes(w, &f->value);
	w->bad |= !f->key;
}

static void sum_fields(gh_wire *w, gh_sum *s)
{
	gh_wire_text(w, &s->what);
	gh_wire_text(w, &s->algorithm);
	gh_wire_text(w, &s->remark);
	s->state = (gh_sum_state)word(w, s->state, GH_SUM_UNVERIFIABLE);
	gh_wire_u64(w, &s->at);
	bytes(w, &s->stored);
	bytes(w, &s->computed);
	w->bad |= !s->what || !s->algorithm;
}

static void profile_fields(gh_wire *w, gh_profile *p)
{
	uint64_t entropy = p->entropy_millibits, fill = p->fill;
	p->look = (gh_look)word(w, p->look, GH_LOOK_MIXED);
	gh_wire_u64(w, &entropy);
	gh_wire_u64(w, &fill);
	u32(w, &p->fill_permille);
	w->bad |= entropy > 8000 || fill > 255;
	p->entropy_millibits = (uint16_t)entropy;
	p->fill = (uint8_t)fill;
}

/* The file a FILE node is: its path is all that the way to a node needs. */
static void file_fields(gh_wire *w, gh_node *n)
{
	bool there = n->entry != NULL;
	flag(w, &there);
	if (!there || (w->out && !n->entry))
		return;
	if (w->out) {
		gh_bytes path = n->entry->path;
		bytes(w, &path);
		return;
	}
	gh_entry *e = item(w, sizeof *e);
	if (e)
		bytes(w, &e->path);
	n->entry = e;
}

static void volume_fields(gh_wire *w, gh_node *n)
{
	bool there = n->volume != NULL;
	flag(w, &there);
	if (!there)
		return;
	if (!w->out)
		n->volume = item(w, sizeof *n->volume);
	if (!n->volume)
		return;
	uint64_t v = n->volume->count;
	gh_wire_u64(w, &v);
	w->bad |= v > UINT32_MAX;
	n->volume->count = (size_t)v;
	for (size_t i = 0; i < GH_COUNT(n->volume->total); i++)
		gh_wire_u64(w, &n->volume->total[i]);
}

void gh_wire_node(gh_wire *w, gh_node *n)
{
	u32(w, &n->id);
	u32(w, &n->parent);
	n->kind = (gh_node_kind)word(w, n->kind, GH_NODE_GAP);
	n->proof = (gh_proof)word(w, n->proof, GH_PROOF_SUM);
	gh_wire_text(w, &n->format);
	gh_wire_text(w, &n->name);
	gh_wire_u64(w, &n->at);
	gh_wire_u64(w, &n->size);
	flag(w, &n->opens_space);
	gh_wire_text(w, &n->transform);
	gh_wire_u64(w, &n->decoded_size);
	flag(w, &n->hashed);
	fixed(w, n->sha256, sizeof n->sha256);
	LIST(w, gh_fact, &n->facts, 25, fact_fields);
	LIST(w, gh_sum, &n->sums, 60, sum_fields);
	LIST(w, gh_note, &n->notes, 32, note_fields);
	profile_fields(w, &n->profile);
	file_fields(w, n);
	volume_fields(w, n);
}

void gh_wire_entry_fields(gh_wire *w, gh_wire_entry *we)
{
	gh_entry *e = &we->entry;
	gh_wire_u64(w, &we->node);
	gh_wire_u64(w, &we->index);
	bytes(w, &e->path);
	bytes(w, &e->target);
	e->type = (gh_entry_type)word(w, e->type, GH_ENTRY_SOCKET);
	e->mode = (uint16_t)word(w, e->mode, 07777);
	e->past = (gh_past)word(w, e->past, GH_DELETED);
	flag(w, &e->hard_link);
	u32(w, &e->uid);
	u32(w, &e->gid);
	u32(w, &e->major);
	u32(w, &e->minor);
	u32(w, &e->inode);
	u32(w, &e->nlink);
	i64(w, &e->mtime);
	gh_wire_u64(w, &e->size);
	gh_wire_u64(w, &e->at);
	u32(w, &e->same_as);
	flag(w, &e->read);
	fixed(w, e->sha256, sizeof e->sha256);
	gh_wire_text(w, &e->leaf);
	LIST(w, gh_note, &e->notes, 32, note_fields);
	size_t n = count(w, e->n_xattrs, 16);
	if (!w->out)
		e->xattrs = n ? gh_arena_array(w->ctx->arena, n, sizeof *e->xattrs) : NULL;
	e->n_xattrs = n && e->xattrs ? n : 0;
	for (size_t i = 0; i < e->n_xattrs; i++) {
		bytes(w, &e->xattrs[i].name);
		bytes(w, &e->xattrs[i].value);
	}
}

void gh_wire_finding(gh_wire *w, gh_finding *f)
{
	const char **texts[] = { &f->id, &f->check, &f->title, &f->why, &f->harmless, &f->attack, &f->source };
	for (size_t i = 0; i < GH_COUNT(texts); i++)
		gh_wire_text(w, texts[i]);
	w->bad |= !f->id || !f->check || !f->title || !f->why || !f->harmless;
	f->level = (gh_level)word(w, f->level, GH_LEVEL_MALICIOUS);
	f->sure = (gh_sure)word(w, f->sure, GH_SURE_HIGH);
	f->n_evidence = word(w, (unsigned)f->n_evidence, GH_EVIDENCE_MOST);
	for (size_t i = 0; i < f->n_evidence; i++) {
		gh_evidence *e = &f->evidence[i];
		u32(w, &e->node);
		bytes(w, &e->path);
		gh_wire_u64(w, &e->at);
		u32(w, &e->line);
		bytes(w, &e->excerpt);
		gh_wire_text(w, &e->note);
		w->bad |= e->excerpt.len > GH_EXCERPT;
	}
}

static void row_fields(gh_wire *w, gh_row *r)
{
	gh_wire_u64(w, &r->address);
	flag(w, &r->placed);
	u32(w, &r->depth);
	gh_wire_text(w, &r->name);
	gh_wire_text(w, &r->text);
	gh_wire_text(w, &r->note);
	w->bad |= !r->text || !r->note;
}

static void capability_fields(gh_wire *w, gh_capability *c)
{
	const char **texts[] = { &c->rule, &c->space, &c->description, &c->attack, &c->mbc };
	for (size_t i = 0; i < GH_COUNT(texts); i++) {
		gh_wire_text(w, texts[i]);
		w->bad |= !*texts[i];
	}
	gh_wire_text(w, &c->function);
	gh_wire_u64(w, &c->address);
	flag(w, &c->placed);
	u32(w, &c->count);
	flag(w, &c->notice);
	flag(w, &c->home);
	LIST(w, gh_row, &c->why, 34, row_fields);
}

void gh_wire_program(gh_wire *w, gh_program_view *v)
{
	u32(w, &v->node);
	bytes(w, &v->path);
	gh_wire_text(w, &v->cpu);
	gh_wire_text(w, &v->trouble);
	gh_wire_u64(w, &v->functions);
	gh_wire_u64(w, &v->calls);
	gh_wire_u64(w, &v->unresolved);
	gh_wire_u64(w, &v->strings);
	LIST(w, gh_capability, &v->caps, 80, capability_fields);
	LIST(w, gh_row, &v->rows, 34, row_fields);
}

void gh_wire_hello(gh_wire *w, gh_hello *h)
{
	gh_wire_text(w, &h->cage);
	gh_wire_u64(w, &h->size);
	gh_wire_u64(w, &h->n_rules);
	gh_wire_u64(w, &h->n_hashes);
}

void gh_wire_done(gh_wire *w, gh_done *d)
{
	fixed(w, d->sha256, sizeof d->sha256);
	gh_wire_u64(w, &d->files);
	gh_wire_u64(w, &d->bytes_unpacked);
	gh_wire_u64(w, &d->files_written);
	gh_wire_u64(w, &d->not_written);
	d->code = word(w, (unsigned)d->code, GH_NOMEM);
	flag(w, &d->spent);
	gh_wire_u64(w, &d->verified_regions);
	gh_wire_u64(w, &d->verified_files);
	gh_wire_u64(w, &d->verified_bytes);
	gh_wire_u64(w, &d->differ);
	gh_wire_text(w, &d->differs);
	bytes(w, &d->strip);
	w->bad |= d->strip.len > GH_STRIP_CELLS;
	gh_wire_text(w, &d->detail);
}

gh_wire gh_wire_begin(gh_ctx *ctx, gh_buf *out, gh_record kind, size_t *ret_mark)
{
	gh_wire w = { .ctx = ctx, .out = out };
	const uint8_t head[HEAD] = { [HEAD - 1] = (uint8_t)kind };
	*ret_mark = out->len;
	put(&w, gh_view(head, sizeof head));
	return w;
}

gh_code gh_wire_end(gh_wire *w, size_t mark)
{
	size_t len = w->out->len - mark;
	if (w->bad || len < HEAD || len - HEAD > UINT32_MAX) {
		w->out->len = mark;
		return w->code != GH_OK ? w->code : gh_fail(w->ctx, GH_LIMIT, 0, "a record has no room");
	}
	for (unsigned i = 0; i < 4; i++)
		w->out->ptr[mark + i] = (uint8_t)((len - HEAD) >> (8 * i));
	return GH_OK;
}

gh_code gh_wire_stream_init(gh_ctx *ctx, gh_wire_stream *s, size_t most)
{
	*s = (gh_wire_stream){ .arena = gh_arena_new(2 * most + GH_MIB(1)), .most = most };
	return s->arena ? GH_OK : gh_nomem(ctx);
}

void gh_wire_stream_free(gh_wire_stream *s)
{
	gh_arena_free(s->arena);
	s->arena = NULL;
}

gh_code gh_wire_feed(gh_ctx *ctx, gh_wire_stream *s, gh_bytes more)
{
	if (s->at > 0) {
		memmove(s->ptr, s->ptr + s->at, s->len - s->at);
		s->len -= s->at;
		s->at = 0;
	}
	if (s->room - s->len < more.len) {
		size_t room = GH_MAX(s->room * 2, s->len + more.len + GH_KIB(64));
		uint8_t *grown = gh_arena_grow(s->arena, s->ptr, s->room, room);
		if (!grown)
			return gh_fail(ctx, GH_LIMIT, 0, "the worker says too much at once");
		s->ptr = grown;
		s->room = room;
	}
	if (more.len)
		memcpy(s->ptr + s->len, more.ptr, more.len);
	s->len += more.len;
	return GH_OK;
}

bool gh_wire_next(gh_ctx *ctx, gh_wire_stream *s, gh_record *ret, gh_wire *ret_wire, gh_code *ret_code)
{
	gh_cur c = gh_cur_over(gh_view(s->ptr ? s->ptr + s->at : NULL, s->len - s->at), 0);
	*ret_code = GH_OK;
	if (c.left < HEAD)
		return false;
	uint32_t len = gh_u32le(&c);
	unsigned kind = gh_u8(&c);
	if (kind < GH_RECORD_HELLO || kind > GH_RECORD_DONE || len > s->most) {
		*ret_code = gh_fail(ctx, GH_CORRUPT, 0, "the worker says nonsense (record %u of %u bytes)", kind, len);
		return false;
	}
	if (c.left < len)
		return false;
	*ret_wire = (gh_wire){ .ctx = ctx, .in = gh_sub(&c, len) };
	*ret = (gh_record)kind;
	s->at += (size_t)HEAD + len;
	return true;
}
