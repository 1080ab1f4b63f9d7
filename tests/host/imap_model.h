/* A plain model of mailboxes that several IMAP sessions have open: what each has been told, and what it must be told. */
#ifndef NETSTAGE_TESTS_IMAP_MODEL_H
#define NETSTAGE_TESTS_IMAP_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum { MESSAGES_MOST = 2000, VIEW_MOST = 400, BOXES_MOST = 40, SET_RANGES = 3 };

typedef struct {
    uint32_t uid, id;
    unsigned flags; /* MAIL_FLAG_…, 32: the keyword */
    bool dead;
} ModelMessage;

typedef struct {
    const char *name;
    ModelMessage *all[MESSAGES_MOST]; /* that ever were */
    int count;
    uint32_t uid_next, recent_from, validity;
    bool gone;
} ModelBox;

typedef struct {
    ModelMessage *message;
    bool recent;
    int told; /* flags as this client knows them; -1: not at all */
} ModelEntry;

/* What one client knows. */
typedef struct {
    ModelBox *box; /* NULL: none is selected */
    bool read_only;
    ModelEntry entries[VIEW_MOST];
    int count;
    uint32_t next; /* messages from this UID on have not been announced to it */
} ModelView;

/* "2:4,*": 0 is "*". */
typedef struct {
    int count;
    uint32_t first[SET_RANGES], last[SET_RANGES];
} ModelSet;

static inline int model_alive(const ModelBox *box) {
    int alive = 0;
    for (int i = 0; i < box->count; i++) alive += !box->all[i]->dead;
    return alive;
}

static inline ModelMessage *model_add(ModelBox *box, ModelMessage *room, uint32_t id, unsigned flags) {
    *room = (ModelMessage){box->uid_next++, id, flags, false};
    box->all[box->count++] = room;
    return room;
}

/* Everything that is there now and was not announced before. */
static inline void model_view_grow(ModelView *v) {
    for (int i = 0; i < v->box->count; i++) {
        ModelMessage *m = v->box->all[i];
        if (m->dead || m->uid < v->next) continue;
        v->entries[v->count++] = (ModelEntry){m, m->uid >= v->box->recent_from, -1};
    }
    v->next = v->box->uid_next;
    if (!v->read_only) v->box->recent_from = v->box->uid_next;
}

static inline int model_view_recent(const ModelView *v) {
    int recent = 0;
    for (int i = 0; i < v->count; i++) recent += v->entries[i].recent;
    return recent;
}

static inline void model_view_remove(ModelView *v, int index) {
    for (int i = index; i + 1 < v->count; i++) v->entries[i] = v->entries[i + 1];
    v->count--;
}

static inline bool model_set_has(const ModelSet *set, uint32_t number, uint32_t most) {
    for (int i = 0; i < set->count; i++) {
        uint32_t a = set->first[i] ? set->first[i] : most, b = set->last[i] ? set->last[i] : most;
        if (number >= (a < b ? a : b) && number <= (a < b ? b : a)) return true;
    }
    return false;
}

/* Marks the entries that are meant. False: one of the numbers is nobody's. */
static inline bool model_choose(const ModelView *v, const ModelSet *set, bool uid, bool *chosen) {
    uint32_t most = uid ? (v->count ? v->entries[v->count - 1].message->uid : 0) : (uint32_t)v->count;
    for (int i = 0; i < set->count && !uid; i++)
        if (v->count == 0 || set->first[i] > most || set->last[i] > most) return false;
    for (int i = 0; i < v->count; i++)
        chosen[i] = model_set_has(set, uid ? v->entries[i].message->uid : (uint32_t)(i + 1), most);
    return true;
}

#endif
