/* Random mail networks under random faults, by seed.
 *
 * 2 to 5 domains, each with a server that keeps its mailboxes and sometimes a second exchanger, users at machines of their
 * own; servers crash, shut down and come back, cables are pulled and lose, double and reorder, disks fail, mailboxes fill
 * and are busy, servers put strangers off. In the end everything is mended and left alone until each queue's time is over.
 * Then:
 *   - whoever a letter that was taken was for has it, or its sender was told (a report in his mailbox, a notice of his user
 *     agent), or it is on record that nobody could be told;
 *   - nobody has a letter twice, but where a connection broke, or its sender's power went, between the final dot and the
 *     writing down of its answer (RFC 1047): once more for each such time;
 *   - no report was answered by a report, and the queues are empty.
 *
 *   host_test_mail_seeds [FIRST [COUNT]]     default 1 2000; a failing seed is printed, and its trace written to
 *                                            $NETSTAGE_SEED_TRACE
 */
#include <stdlib.h>

#include "base/random.h"
#include "mail_worlds.h"
#include "observe/jsonl.h"

enum { MOST_DOMAINS = 5, MOST_LETTERS = 14, MOST_RECIPIENTS = 4, MOST_HOSTS = 2 * MOST_DOMAINS + MOST_DOMAINS + 1 };
static const SimTime chaos_for = 2 * 3600 * SIM_SECOND, rest_for = 20 * 3600 * SIM_SECOND;

typedef struct {
    uint32_t composed; /* record */
    int sender;        /* domain; -1: null reverse-path */
    char from[40], to[MOST_RECIPIENTS][40];
    int to_count;
    unsigned repeats; /* times that RFC 1047 excuses another copy */
} Letter;

typedef struct {
    World *world;
    RandomStream random;
    uint64_t seed;
    int domains, letter_count, host_count;
    bool backup[MOST_DOMAINS], agent[MOST_DOMAINS];
    char hosts[MOST_HOSTS][16];
    Letter letters[MOST_LETTERS];
    size_t seen; /* records of the trace */
    char wrong[300];
} Run;

static uint64_t below(Run *run, uint64_t bound) { return random_below(&run->random, bound); }
static bool chance(Run *run, unsigned per_cent) { return below(run, 100) < per_cent; }
static const char *pick(Run *run, const char *a, const char *b) { return chance(run, 50) ? a : b; }

/* ---- The network ---- */

static void add_host(Run *run, int address, const char *service, const char *config, const char *format, int n) {
    snprintf(run->hosts[run->host_count], sizeof run->hosts[0], format, n);
    mail_host(run->world, run->hosts[run->host_count++], address, service, config);
}

static void queue_settings(Run *run, char *config, size_t size) {
    snprintf(config + strlen(config), size - strlen(config), "'retry':'%dm','retry_most':'40m','give_up':'6h','warn':'%dh','pipelining':%s,'ehlo':%s,'disk_latency':'%dms','patience':'%dm'",
             3 + (int)below(run, 12), (int)below(run, 3), pick(run, "true", "false"), chance(run, 80) ? "true" : "false", 1 + (int)below(run, 80), 1 + (int)below(run, 5));
}

static void build(Run *run) {
    World *w = run->world = world_new(run->seed, true);
    run->random = random_stream(run->seed, "mail seeds", "network");
    run->domains = 2 + (int)below(run, MOST_DOMAINS - 1);
    world_do(w, "{'do':'lan','name':'net','prefix':'10.0.0.0/24','latency':'%dms'}", 1 + (int)below(run, 20));
    char zones[4000] = "'zones':{", config[2000];
    for (int d = 0; d < run->domains; d++) {
        run->backup[d] = chance(run, 35);
        run->agent[d] = chance(run, 50);
        char second[100] = "";
        if (run->backup[d]) snprintf(second, sizeof second, ",['@','MX',20,'mx2'],['mx2','A','10.0.0.%d']", 100 + d);
        snprintf(zones + strlen(zones), sizeof zones - strlen(zones), "%s'd%d.org':{'records':[['@','MX',10,'mx1'],['mx1','A','10.0.0.%d']%s]}", d ? "," : "", d, 10 + d, second);
    }
    /* Nobody is ever there. */
    strcat(zones, ",'d9.org':{'records':[['@','MX',10,'mx1'],['mx1','A','10.0.0.9']]}}");
    add_host(run, 53, "dns_server", zones, "dns", 0);
    for (int d = 0; d < run->domains; d++) {
        int next = (d + 1) % run->domains;
        snprintf(config, sizeof config, "'name':'mx1.d%d.org','domains':['d%d.org'],'trusted':['10.0.0.%d'],'mailboxes':{'u0':{'quota':%d},'u1':{}},'moved':{'m':'u0@d%d.org'},'lists':{'l':['u0','u1@d%d.org','ghost']},'size_limit':%d,%s", d, d,
                 200 + d, chance(run, 25) ? 2000 + (int)below(run, 60000) : 0, next, next, chance(run, 20) ? 20000 : 1000000, chance(run, 25) ? "'greylist':'4m'," : "");
        if (chance(run, 20)) strcat(config, "'extensions':['SIZE','8BITMIME'],");
        queue_settings(run, config, sizeof config);
        add_host(run, 10 + d, "mail_server", config, "mx%d", d);
        if (run->backup[d]) {
            snprintf(config, sizeof config, "'name':'mx2.d%d.org','trusted':['10.0.0.0/24'],", d);
            queue_settings(run, config, sizeof config);
            add_host(run, 100 + d, "mail_server", config, "back%d", d);
        }
        if (run->agent[d]) {
            snprintf(config, sizeof config, "'address':'u0@d%d.org','server':'mx1.d%d.org',", d, d);
            queue_settings(run, config, sizeof config);
            add_host(run, 200 + d, "mail_agent", config, "pc%d", d);
        }
    }
    run_for(w, 5 * SIM_SECOND);
}

/* ---- What happens ---- */

static void write_letter(Run *run) {
    static const char *const names[] = {"u0", "u0", "u1", "m", "l", "ghost"};
    if (run->letter_count == MOST_LETTERS) return;
    int d = (int)below(run, (uint64_t)run->domains);
    Letter *letter = &run->letters[run->letter_count];
    *letter = (Letter){.sender = chance(run, 10) ? -1 : d, .composed = TRACE_NONE};
    if (letter->sender >= 0) snprintf(letter->from, sizeof letter->from, "u%d@d%d.org", (int)below(run, 2), d);
    char to[300] = "", host[16];
    int count = 1 + (int)below(run, MOST_RECIPIENTS);
    for (int i = 0; i < count; i++) {
        char *path = letter->to[letter->to_count];
        snprintf(path, sizeof letter->to[0], "%s@d%d.org", names[below(run, 6)], (int)below(run, (uint64_t)run->domains));
        if (chance(run, 3)) strcpy(path, "ghost@d9.org");
        bool again = false;
        for (int k = 0; k < letter->to_count; k++) again |= strcmp(letter->to[k], path) == 0;
        if (again) continue;
        snprintf(to + strlen(to), sizeof to - strlen(to), "%s'%s'", letter->to_count ? "," : "", path);
        letter->to_count++;
    }
    snprintf(host, sizeof host, run->agent[d] && chance(run, 60) ? "pc%d" : "mx%d", d);
    if (!world_host_powered(run->world, world_find(run->world, host))) return;
    size_t before = mark(run->world);
    int size = chance(run, 20) ? 200000 : chance(run, 40) ? 30000 : 300;
    world_do(run->world, "{'do':'mail','host':'%s','envelope':{'from':'%s','to':[%s]},'raw':'X-Id: %d\\nSubject: letter\\n\\n%0*d\\n.\\nend\\n'}", host, letter->from, to, run->letter_count, (int)below(run, (uint64_t)size) % 900 + 1, 0);
    const Trace *trace = world_trace(run->world);
    for (size_t i = before; i < trace_count(trace); i++)
        if (trace_get(trace, i)->kind == TRACE_FACT && trace_fact_spec(trace, trace_get(trace, i)) == &fact_mail_composed) letter->composed = (uint32_t)i;
    run->letter_count++;
}

static int id_of(const Run *run, Bytes octets) {
    for (int id = 0; id < run->letter_count; id++) {
        char text[30];
        snprintf(text, sizeof text, "X-Id: %d\r\n", id);
        if (holds_text(octets, text)) return id;
    }
    return -1;
}

static void excuse(Run *run, Bytes content) {
    int id = id_of(run, content);
    if (id >= 0) run->letters[id].repeats++;
}

/* The power goes: what the host has sent, and has not written down what was answered. */
static void excuse_crash(Run *run, const char *name) {
    if (!world_host_powered(run->world, world_find(run->world, name))) return;
    Host *host = network_host(run->world, name);
    MailService *service = host->mail_server ? host->mail_server : host->mail_agent;
    for (size_t i = 0; service && i < service->entry_count; i++) {
        const MailEntry *e = service->entries[i];
        if (!e->mail || e->queue.machine.state != SMTP_QUEUE_SENDING) continue;
        bool sent = e->link && e->link->sending == e && e->link->client.sending.ended;
        bool answered = !e->link && e->turn == 0; /* being written down; or on its way to a connection, which excuses nothing */
        if (sent || answered) excuse(run, bytes_of(e->mail->content->octets, e->mail->content->size));
    }
}

/* Connections that broke behind the final dot, since the last look. */
static void excuse_broken(Run *run) {
    const Trace *trace = world_trace(run->world);
    for (; run->seen < trace_count(trace); run->seen++) {
        const TraceRecord *r = trace_get(trace, run->seen);
        if (r->kind != TRACE_STATE || trace_directory(trace)->machines[r->machine].spec != &smtp_client_spec) continue;
        if (r->state.from != SMTP_CLIENT_ACCEPT && r->state.from != SMTP_CLIENT_CONTENT) continue;
        if (r->state.to != SMTP_CLIENT_CLOSED && r->state.to != SMTP_CLIENT_CLOSING) continue;
        for (size_t i = run->seen; i-- > 0;) {
            const TraceRecord *said = trace_get(trace, i);
            if (said->kind != TRACE_MESSAGE || said->small != TRACE_PROTO_SMTP || said->machine != r->machine || said->code != MESSAGE_SENT || said->message.part != STREAM_CONTENT) continue;
            const TraceRecord *step = trace_get(trace, said->cause);
            if (step->kind != TRACE_STATE || step->state.subject != r->state.subject) continue; /* another connection's */
            excuse(run, frame_store_get(trace_frames(trace), said->message.frame));
            break;
        }
    }
}

static void one_fault(Run *run) {
    World *w = run->world;
    static const char *const directions[] = {"both", "from_host", "to_host"};
    const char *host = run->hosts[below(run, (uint64_t)run->host_count)];
    int d = (int)below(run, (uint64_t)run->domains);
    switch (below(run, 12)) {
        case 0:
        case 1:
            excuse_crash(run, host);
            world_do(w, "{'do':'crash','host':'%s'}", host);
            break;
        case 2:
        case 3: world_do(w, "{'do':'boot','host':'%s'}", host); break;
        case 4:
            world_do(w, "{'do':'shutdown','host':'%s'}", host);
            if (chance(run, 50)) write_letter(run);
            run_for(w, SIM_SECOND - 1); /* and a nanosecond later the power goes */
            excuse_crash(run, host);
            break;
        case 5: world_do(w, "{'do':'unplug','host':'%s'}", host); break;
        case 6: world_do(w, "{'do':'plug','host':'%s'}", host); break;
        case 7:
            if (chance(run, 60)) world_do(w, "{'do':'disk','host':'mx%d','state':'%s'}", d, pick(run, "ok", "failing"));
            else world_do(w, "{'do':'disk','host':'mx%d','size':%d}", d, chance(run, 40) ? 1 << 30 : (int)below(run, 5000));
            break;
        case 8: world_do(w, "{'do':'mailbox','host':'mx%d','mailbox':'u%d','busy':%s}", d, (int)below(run, 2), pick(run, "true", "false")); break;
        case 9: world_do(w, "{'do':'mailbox','host':'mx%d','mailbox':'u1','quota':%d}", d, chance(run, 50) ? 0 : 500 + (int)below(run, 5000)); break;
        default:
            world_do(w, "{'do':'cable','host':'%s','direction':'%s','loss':%u,'duplicate':%u,'reorder':%u}", host, directions[below(run, 3)], (unsigned)below(run, 30), (unsigned)below(run, 20), (unsigned)below(run, 20));
    }
}

/* A letter, and the power goes somewhere while it is on its way. */
static void letter_and_crash(Run *run) {
    write_letter(run);
    run_for(run->world, (SimTime)below(run, 900000) * SIM_MICROSECOND);
    excuse_broken(run);
    const char *host = run->hosts[1 + below(run, (uint64_t)run->host_count - 1)];
    excuse_crash(run, host);
    world_do(run->world, "{'do':'crash','host':'%s'}", host);
}

static void mend(Run *run) {
    for (int h = 0; h < run->host_count; h++) {
        world_do(run->world, "{'do':'cable','host':'%s','loss':0,'duplicate':0,'reorder':0,'up':true}", run->hosts[h]);
        world_do(run->world, "{'do':'boot','host':'%s'}", run->hosts[h]);
        if (run->hosts[h][0] != 'd') world_do(run->world, "{'do':'disk','host':'%s','state':'ok','size':1000000000}", run->hosts[h]);
    }
    for (int d = 0; d < run->domains; d++)
        for (int u = 0; u < 2; u++) world_do(run->world, "{'do':'mailbox','host':'mx%d','mailbox':'u%d','busy':false}", d, u);
}

/* ---- What must hold ---- */

static void complain(Run *run, const char *format, ...) {
    if (run->wrong[0]) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run->wrong, sizeof run->wrong, format, arguments);
    va_end(arguments);
}

/* How often it is on record that `address` could not be told, or that a user agent has told its user of him. */
static unsigned notices(const Run *run, const char *address) {
    const Trace *trace = world_trace(run->world);
    unsigned count = 0;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_FACT) continue;
        const FactSpec *spec = trace_fact_spec(trace, r);
        if (spec == &fact_mail_report_dropped) count += strcmp(trace_fact_name(trace_fact_values(trace, r)[1]), address) == 0;
        if (spec == &fact_mail_not_sent && r->machine != TRACE_NONE) count += strcmp(trace_fact_name(trace_fact_values(trace, r)[0]), address) == 0;
    }
    return count;
}

/* What the mailboxes of u0 and u1 hold, by letter. */
typedef struct {
    unsigned copies[MOST_DOMAINS][2][MOST_LETTERS];
    struct {
        int id;
        char recipient[60];
    } reports[600];
    size_t report_count;
} Found;

static void look_into(Run *run, Found *found) {
    *found = (Found){0};
    for (int d = 0; d < run->domains; d++) {
        char name[16];
        snprintf(name, sizeof name, "mx%d", d);
        MailStore *store = &mail_of(run->world, name)->store;
        for (size_t u = 0; u < 2; u++) {
            for (size_t i = 0; i < mailbox_inbox(&store->accounts[u])->count; i++) {
                const MailContent *content = mailbox_inbox(&store->accounts[u])->messages[i]->content;
                Bytes octets = bytes_of(content->octets, content->size);
                int id = id_of(run, octets);
                if (id < 0) {
                    complain(run, "a mail in u%zu@d%d.org is of nobody", u, d);
                    continue;
                }
                if (!holds_text(octets, "multipart/report")) {
                    found->copies[d][store->accounts[u].owner[1] - '0'][id]++;
                    continue;
                }
                Arena *arena = arena_new();
                MailFaults faults = mail_faults(arena);
                MimeTree tree = mime_read(arena, octets, (MimeRules){0}, &faults);
                ReportRead read;
                if (!report_read(arena, &tree, &read, &faults) || faults.count > 0) complain(run, "a report cannot be read");
                for (size_t k = 0; k < read.report.recipient_count && found->report_count < 600; k++) {
                    const ReportRecipient *r = &read.report.recipients[k];
                    if (r->action != REPORT_FAILED) continue;
                    /* Once all is mended there is time enough for another attempt: only a refusal ends one. */
                    bool dead = holds_text(r->final_recipient, "@d9.org");
                    if (!dead && (r->diagnostic_code.size == 0 || r->diagnostic_code.at[0] != '5')) complain(run, "letter %d was given up for %.*s", id, (int)r->final_recipient.size, (const char *)r->final_recipient.at);
                    found->reports[found->report_count].id = id;
                    snprintf(found->reports[found->report_count++].recipient, 60, "%.*s", (int)r->final_recipient.size, (const char *)r->final_recipient.at);
                }
                arena_free(arena);
            }
        }
    }
}

static bool is_reported(const Found *found, int id, const char *recipient) {
    for (size_t i = 0; i < found->report_count; i++)
        if (found->reports[i].id == id && strcmp(found->reports[i].recipient, recipient) == 0) return true;
    return false;
}

/* Everybody the address stands for: 1 or 3 addresses. */
static int expand(const Run *run, const char *address, char to[3][40]) {
    int d = address[strcspn(address, "@") + 2] - '0', next = (d + 1) % run->domains;
    if (address[0] == 'l') {
        snprintf(to[0], 40, "u0@d%d.org", d);
        snprintf(to[1], 40, "u1@d%d.org", next);
        snprintf(to[2], 40, "ghost@d%d.org", d);
        return 3;
    }
    if (address[0] == 'm') snprintf(to[0], 40, "u0@d%d.org", next);
    else snprintf(to[0], 40, "%s", address);
    return 1;
}

static bool was_taken(const Run *run, const Letter *letter) {
    const Trace *trace = world_trace(run->world);
    for (size_t i = letter->composed; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_FACT || r->cause != letter->composed) continue;
        const FactSpec *spec = trace_fact_spec(trace, r);
        if (spec == &fact_mail_queued || spec == &fact_mail_delivered) return true;
    }
    return false;
}

static void judge_letter(Run *run, Found *found, int id) {
    Letter *letter = &run->letters[id];
    unsigned due[MOST_DOMAINS][2] = {{0}};
    bool taken = was_taken(run, letter);
    for (int i = 0; i < letter->to_count; i++) {
        char finals[3][40];
        int count = expand(run, letter->to[i], finals);
        for (int k = 0; k < count; k++) {
            const char *final = finals[k];
            int d = final[strcspn(final, "@") + 2] - '0';
            if (final[0] == 'u') {
                due[d][final[1] - '0']++;
                if (found->copies[d][final[1] - '0'][id] > 0) continue;
            }
            if (!taken || is_reported(found, id, final) || is_reported(found, id, letter->to[i])) continue;
            /* Nobody could be told: of him, where the reverse-path is null; of the report, where its mailbox is full. */
            if (notices(run, final) || notices(run, letter->to[i]) || (letter->sender >= 0 && notices(run, letter->from))) continue;
            complain(run, "letter %d from <%s> to %s (%s) is lost", id, letter->from, letter->to[i], final);
        }
    }
    for (int d = 0; d < run->domains; d++)
        for (int u = 0; u < 2; u++)
            if (found->copies[d][u][id] > due[d][u] * (1 + letter->repeats))
                complain(run, "u%d@d%d.org has letter %d %u times, and %u repeats are excused", u, d, id, found->copies[d][u][id], letter->repeats);
}

static void judge(Run *run) {
    static Found found;
    look_into(run, &found);
    for (int id = 0; id < run->letter_count; id++) judge_letter(run, &found, id);
    const Trace *trace = world_trace(run->world);
    unsigned told = 0;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_FACT || trace_fact_spec(trace, r) != &fact_mail_reported) continue;
        told++;
        if (trace_fact_name(trace_fact_values(trace, r)[1])[0] == 0) complain(run, "a report was answered by a report");
    }
    if (told > (unsigned)run->letter_count * 60) complain(run, "%u reports on %d letters", told, run->letter_count);
    for (int h = 1; h < run->host_count; h++) {
        MailService *service = mail_of(run->world, run->hosts[h]);
        if (service->store.queue) complain(run, "%s still has mail in its queue", run->hosts[h]);
        for (size_t i = 0; i < service->link_count; i++)
            if (service->links[i]->stream.in_use) complain(run, "%s still has a connection to a server", run->hosts[h]);
        for (size_t i = 0; i < service->sessions.count; i++)
            if (service->sessions.items[i]->in_use) complain(run, "%s still has a session", run->hosts[h]);
        if (service->look_ups != 0) complain(run, "%s counts %u look-ups under way", run->hosts[h], service->look_ups);
    }
}

static void keep_trace(Run *run, const char *path) {
    Text error = text_new();
    Output *output = output_to_file(path, &error);
    if (output) {
        jsonl_write(world_trace(run->world), 0, trace_count(world_trace(run->world)), output);
        if (!output_close(output, &error)) fprintf(stderr, "%s\n", text_get(&error));
    }
    text_free(&error);
}

static void run_seed(Run *run) {
    build(run);
    while (world_now(run->world) < chaos_for) {
        run_for(run->world, (SimTime)below(run, chance(run, 50) ? 700 : 600000) * SIM_MILLISECOND + SIM_MILLISECOND);
        excuse_broken(run);
        if (chance(run, 25)) write_letter(run);
        else if (chance(run, 15)) letter_and_crash(run);
        else one_fault(run);
    }
    mend(run);
    run_for(run->world, rest_for);
    excuse_broken(run);
    judge(run);
    if (run->wrong[0] && getenv("NETSTAGE_SEED_TRACE")) keep_trace(run, getenv("NETSTAGE_SEED_TRACE"));
    world_free(run->world);
}

static uint64_t first_seed = 1, seed_count = 2000;

static void every_seed(void **state) {
    (void)state;
    unsigned failures = 0, letters = 0, repeats = 0;
    for (uint64_t seed = first_seed; seed < first_seed + seed_count && failures < 10; seed++) {
        Run run = {.seed = seed};
        run_seed(&run);
        letters += (unsigned)run.letter_count;
        for (int i = 0; i < run.letter_count; i++) repeats += run.letters[i].repeats;
        if (!run.wrong[0]) continue;
        failures++;
        fprintf(stderr, "seed %llu: %s (%d domains, %d letters)\n", (unsigned long long)seed, run.wrong, run.domains, run.letter_count);
    }
    printf("%u letters, %u times a second copy was excused\n", letters, repeats);
    assert_int_equal(failures, 0);
}

int main(int argc, char **argv) {
    if (argc > 1) first_seed = strtoull(argv[1], NULL, 10);
    if (argc > 1) seed_count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_seed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
