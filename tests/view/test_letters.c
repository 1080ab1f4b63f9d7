/* The letters of a run: which lie where, who wrote each of them, what was carried; and the panel that shows one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "observe/record.h"
#include "script/session.h"
#include "view/ladder_view.h"
#include "view/letters.h"
#include "view/mail_state.h"
#include "view/view.h"
#include "view/words.h"

static Session *run_with(const char *name, const char *key, const char *value) {
    Text path = text_new(), error = text_new();
    text_print(&path, "%s/scenarios/mail/%s.lua", NETSTAGE_SOURCE, name);
    SessionOptions options = session_options_default();
    SessionOverride override = {key, value};
    options.overrides = &override;
    options.override_count = key ? 1 : 0;
    Session *session = session_open(text_get(&path), &options, &error);
    if (!session) fail_msg("%s", text_get(&error));
    if (session_run(session, SIM_NEVER) == SESSION_FAILED) fail_msg("%s", session_error(session));
    text_free(&path);
    text_free(&error);
    return session;
}

static Session *run(const char *name) { return run_with(name, NULL, NULL); }

static bool holds(Bytes octets, const char *text) {
    size_t size = strlen(text);
    for (size_t i = 0; i + size <= octets.size; i++)
        if (memcmp(octets.at + i, text, size) == 0) return true;
    return false;
}

static Bytes octets_at(const Story *story, uint32_t seq) {
    return record_octets(story->trace, trace_get(story->trace, seq));
}

static void over_two_servers(void **state) {
    (void)state;
    Session *session = run("alice-to-bob");
    Story *story = story_new(session_trace(session));
    Letter letters[8];
    uint32_t end = (uint32_t)story->record_count;
    assert_int_equal(letters_at(story, end, story->end_at, letters, 8), 2);
    assert_string_equal(story_node_name(story, letters[0].host), "crepes"); /* the newest: a report */
    assert_string_equal(letters[0].place, "alice");
    assert_string_equal(letters[0].from, "");
    LetterOrigin report = letter_origin(story, letters[0].fact);
    assert_true(report.report);
    assert_int_equal(report.written, STORY_NONE);
    assert_true(holds(octets_at(story, report.first), "multipart/report"));

    assert_string_equal(story_node_name(story, letters[1].host), "hamburger");
    assert_string_equal(letters[1].place, "bob");
    assert_false(letters[1].queued);
    LetterOrigin letter = letter_origin(story, letters[1].fact);
    assert_false(letter.report);
    assert_int_not_equal(letter.written, STORY_NONE);
    assert_non_null(strstr(trace_text(story->trace, trace_get(story->trace, letter.written)), "How about pickles?"));
    assert_string_equal(story_node_name(story, trace_get(story->trace, letter.first)->host), "alice-pc");
    assert_string_equal(story_node_name(story, trace_get(story->trace, letter.carried)->host), "crepes");
    /* The server on the way has put a line on top, and nothing else was changed. */
    Bytes made = octets_at(story, letter.first), carried = octets_at(story, letter.carried);
    assert_true(carried.size > made.size);
    assert_memory_equal(carried.at + carried.size - made.size, made.at, made.size);
    assert_true(holds(bytes_slice(carried, 0, carried.size - made.size), "Received: "));

    /* Before Alice wrote there was none. */
    assert_int_equal(letters_at(story, letter.written, 0, letters, 8), 0);
    story_free(story);
    session_free(session);
}

/* Several letters over one connection follow from each other in the trace, and are not mixed up. */
static void over_one_connection(void **state) {
    (void)state;
    Session *session = run_with("two-mails-one-connection", "letters", "3"); /* two of them of one size */
    Story *story = story_new(session_trace(session));
    Letter letters[8];
    size_t count = letters_at(story, (uint32_t)story->record_count, story->end_at, letters, 8);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        const char *const subjects[] = {"Letter 3", "Letter 2", "Letter 1"}, *subject = subjects[i];
        LetterOrigin origin = letter_origin(story, letters[i].fact);
        assert_int_not_equal(origin.written, STORY_NONE);
        assert_non_null(strstr(trace_text(story->trace, trace_get(story->trace, origin.written)), subject));
        assert_true(holds(octets_at(story, origin.carried), subject));
    }
    story_free(story);
    session_free(session);
}

/* Fetched by POP3: a copy lies on the reader's disk; what was deleted lies at the server no longer, from UPDATE on. */
static void fetched(void **state) {
    (void)state;
    Session *session = run("pop3-delete-and-keep");
    Story *story = story_new(session_trace(session));
    Letter letters[20];
    MailShown shown;
    uint32_t end = (uint32_t)story->record_count, removed = STORY_NONE, hosts[3] = {0};
    static const char *const names[] = {"work", "home", "hamburger"};
    for (uint32_t i = 0; i < trace_directory(story->trace)->host_count; i++)
        for (size_t k = 0; k < 3; k++)
            if (strcmp(story_node_name(story, i), names[k]) == 0) hosts[k] = i;
    static const char *const subjects[] = {"Fourth", "Third", "Second", "First", "Third", "Second", "First"};
    static const char *const places[] = {"work", "work", "work", "work", "home", "home", "home"};
    assert_int_equal(letters_at(story, end, story->end_at, letters, 20), 7);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(story_node_name(story, letters[i].host), places[i]);
        assert_string_equal(letters[i].place, "bob");
        LetterOrigin origin = letter_origin(story, letters[i].fact);
        assert_int_not_equal(origin.written, STORY_NONE);
        assert_non_null(strstr(trace_text(story->trace, trace_get(story->trace, origin.written)), subjects[i]));
    }
    mail_state_at(story, hosts[0], end, story->end_at, &shown);
    assert_int_equal(shown.box_count, 1), assert_int_equal(shown.boxes[0].count, 4);
    mail_state_at(story, hosts[2], end, story->end_at, &shown);
    assert_int_equal(shown.boxes[0].count, 0);
    /* Before the first is removed: three at the server, three at home, three at work. */
    for (size_t i = 0; i < story->mail_count && removed == STORY_NONE; i++)
        if (strcmp(trace_fact_spec(story->trace, trace_get(story->trace, story->mail[i]))->name, "pop3.removed") == 0)
            removed = story->mail[i];
    assert_int_equal(letters_at(story, removed, 0, letters, 20), 9);
    for (size_t k = 0; k < 3; k++) {
        mail_state_at(story, hosts[k], removed, 0, &shown);
        assert_int_equal(shown.letters, 3);
    }
    story_free(story);
    session_free(session);
}

/* The three states of a POP3 session are phases of the ladder: each begins with what led to it. */
/* Filed and deleted by IMAP: of four that were delivered, two are left. */
static void removed_by_imap(void **state) {
    (void)state;
    Session *session = run("two-devices");
    Story *story = story_new(session_trace(session));
    Letter letters[20];
    static const char *const subjects[] = {"Letter 4", "Letter 3"};
    assert_int_equal(letters_at(story, (uint32_t)story->record_count, story->end_at, letters, 20), 2);
    for (size_t i = 0; i < 2; i++) {
        LetterOrigin origin = letter_origin(story, letters[i].fact);
        assert_non_null(strstr(trace_text(story->trace, trace_get(story->trace, origin.written)), subjects[i]));
    }
    story_free(story);
    session_free(session);
}

static void phases_of_a_session(void **state) {
    (void)state;
    Session *session = run("pop3-session");
    Story *story = story_new(session_trace(session));
    static const char *const begin[] = {"SYN", "PASS", "QUIT"};
    size_t count = 0;
    for (size_t i = 0; i < story->stage_count; i++) {
        const TraceRecord *fact = trace_get(story->trace, story->stages[i].seq);
        if (strcmp(trace_fact_spec(story->trace, fact)->name, "pop3.phase") != 0) continue;
        assert_true(count < 3);
        assert_string_equal(story_node_name(story, fact->host), "hamburger");
        assert_int_not_equal(story->stages[i].before, STORY_NONE);
        assert_string_equal(story->messages[story->stages[i].before].name, begin[count++]);
    }
    assert_int_equal(count, 3);
    story_free(story);
    session_free(session);
}

static void in_a_queue(void **state) {
    (void)state;
    Session *session = run("queue-and-retry");
    Story *story = story_new(session_trace(session));
    Letter letters[8];
    uint32_t deferred = STORY_NONE;
    for (size_t i = 0; i < story->mail_count && deferred == STORY_NONE; i++)
        if (strcmp(trace_fact_spec(story->trace, trace_get(story->trace, story->mail[i]))->name, "mail.deferred") == 0)
            deferred = story->mail[i];
    assert_int_not_equal(deferred, STORY_NONE);
    SimTime t = trace_get(story->trace, deferred)->at;
    assert_int_equal(letters_at(story, deferred + 1, t, letters, 8), 1);
    assert_true(letters[0].queued);
    assert_string_equal(letters[0].place, "hamburger.edu");
    assert_true(letters[0].next_try > t && letters[0].next_try != SIM_NEVER);
    LetterOrigin origin = letter_origin(story, letters[0].fact);
    assert_int_not_equal(origin.written, STORY_NONE); /* known, though nothing has been carried */
    assert_int_equal(origin.carried, STORY_NONE);
    assert_int_equal(letters_at(story, deferred + 1, letters[0].next_try, letters, 8), 1);
    assert_int_equal(letters[0].next_try, SIM_NEVER); /* its time has come */
    story_free(story);
    session_free(session);
}

static bool list_has(const DrawList *list, const char *text) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind == DRAW_TEXT && list->items[i].count == strlen(text) &&
            memcmp(list->text + list->items[i].start, text, strlen(text)) == 0)
            return true;
    return false;
}

static uint32_t hit_of(const DrawList *list, HitKind kind, uint32_t nth, Point *at) {
    for (size_t i = 0; i < list->count; i++) {
        if (hit_kind(list->items[i].id) != kind || nth-- > 0) continue;
        *at = (Point){list->items[i].box.x + list->items[i].box.w / 2, list->items[i].box.y + list->items[i].box.h / 2};
        return list->items[i].id;
    }
    return 0;
}

static void press(View *view, Point at) {
    view_input(view, &(ViewEvent){.kind = EVENT_PRESS, .x = at.x, .y = at.y});
    view_input(view, &(ViewEvent){.kind = EVENT_RELEASE, .x = at.x, .y = at.y});
}

static void the_panel_shows_the_letter_that_is_chosen(void **state) {
    (void)state;
    Session *session = run("mime-chinese");
    ViewConfig config = {.trace = session_trace(session), .words = {words[0], words[1]}};
    View *view = view_new(&config);
    DrawList *list = draw_list_new();
    view_set_panel(view, (ViewPanel)PANEL_MAIL);
    view_set_time(view, 3600 * SIM_SECOND);
    view_draw(view, list);
    assert_true(list_has(list, "Do you like ketchup?")); /* the last one */
    assert_false(list_has(list, "MIME-Version: 1.0"));
    Point at;
    assert_int_not_equal(hit_of(list, HIT_LETTER, 1, &at), 0);
    press(view, at);
    view_draw(view, list);
    assert_true(list_has(
        list, "\xE4\xBD\xA0\xE5\x96\x9C\xE6\xAC\xA2\xE7\x95\xAA\xE8\x8C\x84\xE9\x85\xB1\xE5\x90\x97\xEF\xBC\x9F"));
    assert_true(list_has(list, "MIME-Version: 1.0"));
    assert_true(list_has(list, "E4") && list_has(list, "57")); /* the first octet, the first six bits of it */
    assert_true(list_has(list, "image/gif"));
    assert_int_not_equal(hit_of(list, HIT_PART, 2, &at), 0); /* the picture */
    press(view, at);
    view_draw(view, list);
    assert_true(list_has(list, "47") && list_has(list, "17")); /* G of GIF */
    assert_int_not_equal(hit_of(list, HIT_MAIL_FIELD, 0, &at), 0);
    view_input(view, &(ViewEvent){.kind = EVENT_MOVE, .x = at.x, .y = at.y});
    view_draw(view, list);
    bool told = false;
    for (size_t i = 0; i < list->count; i++)
        told |= list->items[i].kind == DRAW_TEXT && list->items[i].count > 40 &&
                memcmp(list->text + list->items[i].start, "From: Who wrote it", 18) == 0;
    assert_true(told);
    draw_list_free(list);
    view_free(view);
    session_free(session);
}

/* SYN and FIN are small, acknowledgements are no rows, and the phases come from the dialogue. */
static void the_ladder_of_a_dialogue(void **state) {
    (void)state;
    Session *session = run("alice-to-bob");
    Story *story = story_new(session_trace(session));
    LadderView *quiet = ladder_view_new(story, false), *all = ladder_view_new(story, true);
    size_t stages = 0, small = 0, large = 0;
    for (size_t i = 0; i < quiet->row_count; i++) {
        const LadderRow *row = &quiet->rows[i];
        stages += row->kind == LADDER_STAGE;
        if (row->kind == LADDER_STAGE) { /* it begins with what began it */
            static const char *const first[] = {"SYN", "MAIL", "QUIT"};
            const char *name = story->messages[quiet->rows[i + 1].index].name;
            assert_memory_equal(name, first[(stages - 1) % 3], strlen(first[(stages - 1) % 3]));
        }
        small += row->kind == LADDER_QUIET;
        large += row->kind == LADDER_MESSAGE;
        if (row->kind == LADDER_QUIET) {
            const char *name = story->messages[row->index].name;
            assert_true(strncmp(name, "SYN", 3) == 0 || strncmp(name, "FIN", 3) == 0);
        }
    }
    assert_int_equal(stages, 9); /* three connections of three phases */
    assert_int_equal(small, 12);
    assert_true(large > 30);
    assert_true(all->row_count > quiet->row_count + 10);
    ladder_view_free(quiet);
    ladder_view_free(all);
    story_free(story);
    session_free(session);
}

static void a_segment_sent_again_keeps_its_name(void **state) {
    (void)state;
    Session *session = run("lossy-link");
    Story *story = story_new(session_trace(session));
    size_t again = 0, named = 0;
    for (size_t i = 0; i < story->message_count; i++) {
        const StoryMessage *m = &story->messages[i];
        again += m->again;
        named += m->again && strcmp(m->name, "SYN ACK") == 0;
        if (m->again) assert_true(m->weight >= WEIGHT_QUIET);
    }
    assert_int_equal(named, 1);
    assert_true(again >= 5);
    story_free(story);
    session_free(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_two_servers),
        cmocka_unit_test(over_one_connection),
        cmocka_unit_test(fetched),
        cmocka_unit_test(removed_by_imap),
        cmocka_unit_test(phases_of_a_session),
        cmocka_unit_test(in_a_queue),
        cmocka_unit_test(the_panel_shows_the_letter_that_is_chosen),
        cmocka_unit_test(the_ladder_of_a_dialogue),
        cmocka_unit_test(a_segment_sent_again_keeps_its_name),
    };
    return cmocka_run_group_tests(tests, load_words, free_words);
}
