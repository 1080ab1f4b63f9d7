/* What the stage tells of mail, held against the world that ran: queues and mailboxes, and the messages of streams. */
#include "stack/network.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/mail_worlds.h"
#include "observe/record.h"
#include "script/session.h"
#include "view/mail_state.h"
#include "view/playback.h"

/* What was met in all: a comparison of nothing with nothing holds too. */
typedef struct {
    size_t places, queued, deferred, letters;
} Met;
typedef void UseSession(const char *name, Session *session, Met *met);

static void for_each_scenario(UseSession *use, Met *met) {
    static const char folder[] = NETSTAGE_SOURCE "/scenarios/mail";
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        size_t size = strlen(entry->d_name);
        if (size < 5 || strcmp(entry->d_name + size - 4, ".lua") != 0) continue;
        Text path = text_new(), error = text_new();
        text_print(&path, "%s/%s", folder, entry->d_name);
        SessionOptions options = session_options_default();
        Session *session = session_open(text_get(&path), &options, &error);
        if (!session) fail_msg("%s", text_get(&error));
        use(entry->d_name, session, met);
        session_free(session);
        text_free(&path);
        text_free(&error);
        count++;
    }
    closedir(directory);
    assert_true(count >= 30);
}

/* ---- Queues and mailboxes ---- */

static const MailEntryShown *shown_entry(const MailShown *shown, uint32_t number) {
    for (size_t i = 0; i < shown->queue_count && i < MAIL_ENTRIES; i++)
        if (shown->queue[i].entry == number) return &shown->queue[i];
    return NULL;
}

static const MailEntry *entry_at_work(const MailService *service, uint32_t number) {
    for (size_t i = 0; i < service->entry_count; i++)
        if (service->entries[i]->mail && service->entries[i]->mail->number == number) return service->entries[i];
    return NULL;
}

static void assert_queue(const char *where, const MailService *service, const MailShown *shown, bool powered,
                         Met *met) {
    size_t waiting = 0;
    for (const QueuedMail *mail = service->store.queue; mail; mail = mail->next) {
        const MailEntryShown *entry = shown_entry(shown, mail->number);
        if (!entry) fail_msg("%s: entry %u waits in the queue and is not shown", where, mail->number);
        assert_string_equal(entry->domain, mail->domain);
        waiting++;
        const MailEntry *work = entry_at_work(service, mail->number);
        bool deferred = powered && work && work->queue.machine.state == SMTP_QUEUE_DEFERRED;
        if (deferred != (entry->next_try != SIM_NEVER))
            fail_msg("%s: entry %u is %s, and shown otherwise", where, mail->number,
                     deferred ? "put off" : "not put off");
        met->deferred += deferred;
    }
    met->queued += waiting;
    if (waiting != shown->queue_count)
        fail_msg("%s: %zu entries wait in the queue, %zu are shown", where, waiting, shown->queue_count);
}

static void assert_boxes(const char *where, const MailService *service, const MailShown *shown, Met *met) {
    for (size_t i = 0; i < service->store.account_count; i++) {
        const Mailbox *box = mailbox_inbox(&service->store.accounts[i]);
        const char *owner = service->store.accounts[i].owner;
        const MailBoxShown *seen = NULL;
        for (size_t k = 0; k < shown->box_count; k++)
            if (strcmp(shown->boxes[k].name, owner) == 0) seen = &shown->boxes[k];
        if (!seen) fail_msg("%s: mailbox %s is not shown", where, owner);
        if (seen->count != box->count)
            fail_msg("%s: mailbox %s has %zu letters, %u are shown", where, owner, box->count, seen->count);
        met->letters += box->count;
    }
}

static void assert_mail_shown(const char *where, World *world, Met *met) {
    Story *story = story_new(world_trace(world));
    const Directory *d = trace_directory(world_trace(world));
    for (uint32_t id = 0; id < d->host_count; id++) {
        if (d->hosts[id].kind != NODE_HOST) continue;
        const Host *host = world_host(world, id);
        MailService *service = host->mail_server ? host->mail_server : host->mail_agent;
        if (!service || (host->mail_server && host->mail_agent)) continue;
        MailShown shown;
        mail_state_at(story, id, (uint32_t)trace_count(story->trace), world_now(world), &shown);
        char place[200];
        snprintf(place, sizeof place, "%s t=%.6f %s", where, (double)world_now(world) / 1e9, d->hosts[id].name);
        assert_queue(place, service, &shown, world_host_powered(world, id), met);
        assert_boxes(place, service, &shown, met);
        met->places++;
    }
    story_free(story);
}

static void compare_throughout(const char *name, Session *session, Met *met) {
    /* Dense where dialogues are, then sparse: queues wait for hours. */
    SimTime step = 97 * SIM_MILLISECOND;
    for (SimTime until = 0; until < 10 * 24 * 3600 * SIM_SECOND; until += step) {
        SessionStatus status = session_run(session, until);
        if (status == SESSION_FAILED) fail_msg("%s", session_error(session));
        assert_mail_shown(name, session_world(session), met);
        if (status == SESSION_DONE) return;
        if (until > 6 * SIM_SECOND) step = step * 5 / 4;
    }
}

static void queues_and_mailboxes_are_shown_as_they_are(void **state) {
    (void)state;
    Met met = {0};
    for_each_scenario(compare_throughout, &met);
    printf("%zu places, %zu entries in queues, %zu of them put off, %zu letters\n", met.places, met.queued, met.deferred,
           met.letters);
    assert_true(met.places > 1000 && met.queued > 100 && met.deferred > 20 && met.letters > 100);
}

/* What ends a wait before its time: somebody has the queue tried now; the power goes. */
static void a_wait_that_is_cut_short_is_not_shown_on(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){0});
    Met met = {0};
    world_do(w, "{'do':'crash','host':'burger'}");
    world_do(w, "{'do':'mail','host':'pc','to':'bob@hamburger.edu','subject':'s','text':'t'}");
    run_for(w, 700 * SIM_SECOND);
    assert_mail_shown("put off", w, &met);
    assert_int_equal(met.deferred, 1);
    world_do(w, "{'do':'queue','host':'crepes'}");
    run_for(w, 50 * SIM_MILLISECOND);
    assert_mail_shown("tried now", w, &met);
    assert_int_equal(met.deferred, 1);
    run_for(w, 700 * SIM_SECOND);
    assert_mail_shown("put off again", w, &met);
    assert_int_equal(met.deferred, 2);
    world_do(w, "{'do':'crash','host':'crepes'}");
    assert_mail_shown("without power", w, &met);
    world_do(w, "{'do':'boot','host':'crepes'}");
    run_for(w, SIM_MILLISECOND);
    assert_mail_shown("on again", w, &met); /* tried at once, while its interface had no address yet */
    assert_int_equal(met.deferred, 3);
    assert_int_equal(met.queued, 5);
    world_free(w);
}

/* ---- What streams say ---- */

/* A message of the stage bears its name: alone, or with those that left in the same segment. */
static bool is_told(const Story *story, uint32_t said) {
    const TraceRecord *r = trace_get(story->trace, said);
    for (size_t i = 0; i < story->message_count; i++) {
        const StoryMessage *m = &story->messages[i];
        if (m->said == STORY_NONE || m->said > said || trace_get(story->trace, m->said)->message.stream != r->message.stream)
            continue;
        if (m->said == said || (m->several && said < m->seq)) return true;
    }
    return false;
}

/* It was said into a cable that is not there: IP had no way for the segment. */
static bool has_left(const Trace *trace, uint32_t said) {
    const TraceRecord *next = said + 1 < trace_count(trace) ? trace_get(trace, said + 1) : NULL;
    return !next || next->kind != TRACE_IGNORED || next->cause != said;
}

static void find_said(const char *name, Session *session, Met *met) {
    if (session_run(session, SIM_NEVER) == SESSION_FAILED) fail_msg("%s", session_error(session));
    const Trace *trace = session_trace(session);
    Story *story = story_new(trace);
    for (uint32_t seq = 0; seq < trace_count(trace); seq++) {
        const TraceRecord *r = trace_get(trace, seq);
        if (r->kind != TRACE_MESSAGE || r->code != MESSAGE_SENT || !record_is_said(r)) continue;
        RecordSummary summary;
        record_summarise(trace, r, &summary);
        if (has_left(trace, seq) && !is_told(story, seq))
            fail_msg("%s: %s, said by %s at %.6f, is not seen", name, summary.frame.message,
                     story_node_name(story, r->host), (double)r->at / 1e9);
        met->places++;
    }
    story_free(story);
}

static void what_is_said_is_seen_on_its_segment(void **state) {
    (void)state;
    Met met = {0};
    for_each_scenario(find_said, &met);
    assert_true(met.places > 500);
}

/* ---- Level of detail ---- */

static size_t count_steps(Playback *playback) {
    size_t count = 0;
    playback_seek(playback, 0);
    while (playback->position < playback_length(playback) && count < 10000) {
        playback_step(playback);
        playback_step(playback); /* already on the way: jumps there */
        count++;
    }
    return count;
}

/* Acknowledgements are no stops and take no time to speak of, unless segments are what is looked at. */
static void acknowledgements_are_stops_at_the_level_of_segments(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){0});
    char text[20000];
    memset(text, 't', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    world_do(w, "{'do':'mail','host':'pc','to':'bob@hamburger.edu','subject':'s','text':'%s'}", text);
    run_for(w, 20 * SIM_SECOND);
    Story *story = story_new(world_trace(w));
    size_t details = 0;
    for (size_t i = 0; i < story->message_count; i++) details += story->messages[i].weight == WEIGHT_DETAIL;
    assert_true(details >= 4);
    Playback *playback = playback_new(story);
    double length = playback_length(playback);
    size_t steps = count_steps(playback);
    SimTime middle = story->end_at - 20 * SIM_MILLISECOND;
    playback_seek_time(playback, middle);
    playback_set_segments(playback, true);
    assert_in_range(playback_place(playback, NULL).t - middle + 1000, 0, 2000); /* within a microsecond */
    assert_true(playback_length(playback) > length + 0.4 * (double)details);
    assert_true(count_steps(playback) > steps);
    playback_set_segments(playback, false);
    assert_true(playback_length(playback) == length);
    assert_int_equal(count_steps(playback), steps);
    playback_free(playback);
    story_free(story);
    world_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queues_and_mailboxes_are_shown_as_they_are),
        cmocka_unit_test(a_wait_that_is_cut_short_is_not_shown_on),
        cmocka_unit_test(what_is_said_is_seen_on_its_segment),
        cmocka_unit_test(acknowledgements_are_stops_at_the_level_of_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
