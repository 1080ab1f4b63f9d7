/* Random days of one mailbox and two to four devices that read it, by seed: letters come in, are opened, fetched in pieces,
 * flagged, filed and deleted on any of them; cables are pulled, servers and devices crash, users go off line and on. In the
 * end everything is mended and left alone. Then:
 *   - each device knows what the server has, message by message, flag by flag, and has it on its disk;
 *   - no letter is lost: it is in INBOX or in a folder, unless somebody has deleted it;
 *   - no letter is there twice, where all devices MOVE; where one must COPY, a broken connection may repeat it;
 *   - a device that has not lost its power has fetched no header twice and no octet of a part.
 *
 *   host_test_imap_client_seeds [FIRST [COUNT]]     default 1 2000; what was said in a failing seed is written to
 *                                                   $NETSTAGE_SEED_TRACE */
#include <stdlib.h>

#include "base/random.h"
#include "mail_worlds.h"
#include "proto/imap/client_facts.h"

enum { DEVICES_MOST = 4, LETTERS_MOST = 60, PART_OCTETS = 300 };

typedef struct {
    World *world;
    RandomStream random;
    uint64_t seed;
    int devices, letters;
    char names[DEVICES_MOST][16];
    bool off[DEVICES_MOST], unplugged[DEVICES_MOST], lost_power[DEVICES_MOST];
    bool server_off, copies, deleted[LETTERS_MOST];
    size_t actions;
} Run;

static uint64_t below(Run *run, uint64_t bound) { return random_below(&run->random, bound); }
static const char *pick(Run *run) { return below(run, 2) ? "true" : "false"; }

static MailService *burger(Run *run) { return mail_of(run->world, "burger"); }
static MailAccount *account(Run *run) { return mailbox_of(run->world, "burger", "bob")->account; }
static const ImapMemory *known(Run *run, int device) {
    return host_imap_client_memory(network_host(run->world, run->names[device]));
}

/* Each has a number, by which it is known wherever it lies. */
static void letter_comes(Run *run) {
    if (run->letters == LETTERS_MOST) return;
    Text text = text_new();
    text_print(&text, "From: a@b.c\r\nSubject: %d\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n"
                      "Content-Type: text/csv\r\n\r\n", run->letters++);
    for (int i = 0; i < PART_OCTETS; i++) text_put_char(&text, (char)('a' + i % 26));
    text_put(&text, "\r\n--b--\r\n");
    MailContent *content = mail_content_new((const uint8_t *)text.at, text.size);
    mailbox_append(mailbox_inbox(account(run)), content, 0, 0);
    mail_content_drop(content);
    mail_changes_tell(burger(run), TRACE_NONE);
    text_free(&text);
}

static void begin(Run *run, uint64_t seed) {
    *run = (Run){.seed = seed, .random = random_stream(seed, "test", "imap")};
    World *w = run->world = world_new(seed, true);
    world_do(w, "{'do':'lan','name':'net','prefix':'10.0.0.0/24','latency':'1ms'}");
    mail_host(w, "burger", 20, "mail_server", "'name':'h.edu','domains':['h.edu'],'mailboxes':['bob'],'users':{'bob':'secret'}");
    world_do(w, "{'do':'service','host':'burger','service':'imap_server','config':{'folders':['Archive']}}");
    for (uint64_t i = below(run, 5); i > 0; i--) letter_comes(run);
    run->devices = 2 + (int)below(run, 3);
    for (int i = 0; i < run->devices; i++) {
        char config[400];
        bool move = below(run, 3) > 0;
        run->copies |= !move;
        snprintf(run->names[i], sizeof run->names[i], "d%d", i);
        snprintf(config, sizeof config, "'server':'10.0.0.20','user':'bob','password':'secret','idle':%s,'move':%s,'authenticate':%s,'poll':'%ds','patience':'2s','retry':'%ds','retry_most':'8s','piece':%d,'disk_latency':'%dms'",
                 pick(run), move ? "true" : "false", pick(run), 1 + (int)below(run, 9), 1 + (int)below(run, 3), 40 + (int)below(run, 400), 1 + (int)below(run, 20));
        mail_host(w, run->names[i], 30 + i, "imap_client", config);
    }
}

/* ---- What happens ---- */

static void user_acts(Run *run, int device) {
    static const char *const flags[] = {"\\\\Flagged", "\\\\Seen", "\\\\Answered", "$Work"};
    static const char *const folders[] = {"Archive", "Work", "Projects"};
    const ImapMemory *m = known(run, device);
    const char *name = run->names[device];
    World *w = run->world;
    if (m->count == 0) return;
    size_t number = 1 + below(run, m->count);
    int letter = atoi(m->items[number - 1].header->subject);
    switch (below(run, 9)) {
        case 0:
        case 1:
        case 2: world_do(w, "{'do':'mail_open','host':'%s','message':%zu}", name, number); return;
        case 3:
        case 4:
            world_do(w, "{'do':'mail_part','host':'%s','message':%zu,'part':'2','from':%d,'octets':%d}", name, number, (int)below(run, 200), 1 + (int)below(run, 300));
            return;
        case 5:
        case 6: world_do(w, "{'do':'mail_flag','host':'%s','message':%zu,'flag':'%s','set':%s}", name, number, flags[below(run, 4)], pick(run)); return;
        case 7: world_do(w, "{'do':'mail_file','host':'%s','message':%zu,'mailbox':'%s'}", name, number, folders[below(run, 3)]); return;
        default:
            world_do(w, "{'do':'mail_delete','host':'%s','message':%zu}", name, number);
            run->deleted[letter] = true;
    }
}

static void something_breaks(Run *run, int device) {
    const char *name = run->names[device];
    World *w = run->world;
    switch (below(run, 8)) {
        case 0:
        case 1:
            world_do(w, "{'do':'%s','host':'%s'}", run->unplugged[device] ? "plug" : "unplug", name);
            run->unplugged[device] = !run->unplugged[device];
            return;
        case 2:
            world_do(w, run->off[device] ? "{'do':'boot','host':'%s','quiet':true}" : "{'do':'crash','host':'%s'}", name);
            run->lost_power[device] = true;
            run->off[device] = !run->off[device];
            return;
        case 3:
            world_do(w, run->server_off ? "{'do':'boot','host':'burger','quiet':true}" : "{'do':'crash','host':'burger'}");
            run->server_off = !run->server_off;
            return;
        case 4: world_do(w, "{'do':'mail_disconnect','host':'%s'}", name); return;
        case 5: world_do(w, "{'do':'check_mail','host':'%s'}", name); return;
        default: world_do(w, "{'do':'mail_connect','host':'%s'}", name);
    }
}

static void one_day(Run *run) {
    run->actions = 30 + below(run, 60);
    for (size_t i = 0; i < run->actions; i++) {
        int device = (int)below(run, (uint64_t)run->devices);
        uint64_t what = below(run, 10);
        if (what < 2 && !run->server_off) letter_comes(run);
        else if (what < 8) user_acts(run, device);
        else something_breaks(run, device);
        static const int waits_ms[] = {0, 1, 5, 20, 100, 500, 3000};
        run_for(run->world, (SimTime)below(run, 1 + (uint64_t)waits_ms[below(run, 7)]) * SIM_MILLISECOND);
    }
    if (run->server_off) world_do(run->world, "{'do':'boot','host':'burger','quiet':true}");
    for (int i = 0; i < run->devices; i++) {
        if (run->unplugged[i]) world_do(run->world, "{'do':'plug','host':'%s'}", run->names[i]);
        if (run->off[i]) world_do(run->world, "{'do':'boot','host':'%s','quiet':true}", run->names[i]);
        /* Who idles would learn only after 29 minutes that the server has forgotten it. */
        world_do(run->world, "{'do':'check_mail','host':'%s'}", run->names[i]);
    }
    run_for(run->world, 120 * SIM_SECOND);
}

/* ---- What must be true of it ---- */

/* What the devices said and heard, for whoever looks into a seed that failed ($NETSTAGE_SEED_TRACE). */
static void write_down(const Run *run) {
    const Trace *trace = world_trace(run->world);
    const char *path = getenv("NETSTAGE_SEED_TRACE");
    FILE *file = path ? fopen(path, "w") : NULL;
    for (size_t i = 0; file && i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        const char *host = r->host < trace_directory(trace)->host_count ? trace_directory(trace)->hosts[r->host].name : "";
        if (r->kind == TRACE_MESSAGE && r->small == TRACE_PROTO_IMAP) {
            Bytes octets = frame_store_get(trace_frames(trace), r->message.frame);
            fprintf(file, "%.6f %s %s %.*s\n", (double)r->at / 1e9, host, r->code == MESSAGE_SENT ? ">" : "<", (int)octets.size, (const char *)octets.at);
        }
        if (r->kind == TRACE_COMMAND) fprintf(file, "%.6f %s\n", (double)r->at / 1e9, trace_text(trace, r));
        if (r->kind == TRACE_FACT) fprintf(file, "%.6f %s fact %s\n", (double)r->at / 1e9, host, trace_fact_spec(trace, r)->name);
    }
    if (file) fclose(file);
}

#define EXPECT(run, condition, ...)                                                           \
    do {                                                                                      \
        if (!(condition)) {                                                                   \
            char message[400];                                                                \
            write_down(run);                                                                  \
            snprintf(message, sizeof message, __VA_ARGS__);                                   \
            fail_msg("seed %llu: %s", (unsigned long long)(run)->seed, message);              \
        }                                                                                     \
    } while (0)

static bool rests(Run *run, int device) {
    uint8_t state = host_imap_client_machine(network_host(run->world, run->names[device]))->machine.state;
    return state == IMAP_CLIENT_IDLING || state == IMAP_CLIENT_WAITING;
}

/* A letter's subject is its number. */
static int letter_number(const StoredMessage *message) {
    static const char field[] = "Subject: ";
    Bytes octets = mail_content_bytes(message->content);
    int number = 0;
    for (size_t at = 0; at + sizeof field < octets.size; at++) {
        if (memcmp(octets.at + at, field, sizeof field - 1) != 0) continue;
        for (at += sizeof field - 1; octets.at[at] >= '0' && octets.at[at] <= '9'; at++)
            number = number * 10 + octets.at[at] - '0';
        break;
    }
    return number;
}

static void check_device(Run *run, int device) {
    const Host *host = network_host(run->world, run->names[device]);
    const ImapClient *c = host_imap_client_machine(host);
    const ImapMemory *m = known(run, device), *disk = host_imap_client_memory_on_disk(host);
    const Mailbox *inbox = mailbox_inbox(account(run));
    const char *name = run->names[device];
    for (int i = 0; i < 100 && !rests(run, device); i++) run_for(run->world, 10 * SIM_MILLISECOND);
    EXPECT(run, rests(run, device), "%s is %s", name, imap_client_spec.states[c->machine.state]);
    EXPECT(run, c->request_count == 0, "%s has %zu wishes left", name, c->request_count);
    EXPECT(run, m->count == inbox->count, "%s knows %zu letters, there are %zu", name, m->count, inbox->count);
    EXPECT(run, disk->count == m->count && disk->octets == m->octets, "%s has not all on its disk", name);
    for (size_t i = 0; i < m->count; i++) {
        const StoredMessage *s = inbox->messages[i];
        EXPECT(run, m->items[i].uid == s->uid, "%s: UID %u, not %u", name, (unsigned)m->items[i].uid, (unsigned)s->uid);
        EXPECT(run, m->items[i].flags == (s->flags & 31), "%s: flags of %u are %x, not %x", name, (unsigned)s->uid, m->items[i].flags, (unsigned)s->flags);
        EXPECT(run, (m->items[i].keywords != NULL) == ((s->flags >> MAIL_SYSTEM_FLAGS) != 0), "%s: keywords of %u", name, (unsigned)s->uid);
        EXPECT(run, disk->items[i].flags == m->items[i].flags && disk->items[i].piece_count == m->items[i].piece_count, "%s: %u on disk", name, (unsigned)s->uid);
        EXPECT(run, letter_number(s) == atoi(m->items[i].header->subject), "%s: another letter", name);
    }
}

static void check_letters(Run *run) {
    int times[LETTERS_MOST] = {0};
    const MailAccount *a = account(run);
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < a->mailboxes[i]->count; k++)
            times[letter_number(a->mailboxes[i]->messages[k])]++;
    for (int i = 0; i < run->letters; i++) {
        EXPECT(run, times[i] > 0 || run->deleted[i], "letter %d is lost", i);
        EXPECT(run, times[i] <= 1 || run->copies, "letter %d is there %d times", i, times[i]);
    }
}

static void check_nothing_twice(Run *run, int device) {
    static bool header[LETTERS_MOST + 1], octets[LETTERS_MOST + 1][PART_OCTETS];
    const Trace *trace = world_trace(run->world);
    uint32_t host = world_find(run->world, run->names[device]);
    memset(header, 0, sizeof header);
    memset(octets, 0, sizeof octets);
    for (size_t i = 0; i < trace_count(trace) && !run->lost_power[device]; i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_FACT || r->host != host) continue;
        const int64_t *v = trace_fact_values(trace, r);
        if (trace_fact_spec(trace, r) == &fact_imap_header) {
            EXPECT(run, !header[v[1]], "%s: the header of %d twice", run->names[device], (int)v[1]);
            header[v[1]] = true;
        }
        if (trace_fact_spec(trace, r) != &fact_imap_part_read || strcmp(trace_fact_name(v[1]), "2") != 0) continue;
        for (int64_t k = v[2]; k < v[2] + v[3]; k++) {
            EXPECT(run, !octets[v[0]][k], "%s: octet %d of %d twice", run->names[device], (int)k, (int)v[0]);
            octets[v[0]][k] = true;
        }
    }
}

static uint64_t first_seed = 1, seed_count = 2000;

static void every_seed(void **state) {
    (void)state;
    size_t actions = 0, letters = 0;
    for (uint64_t seed = first_seed; seed < first_seed + seed_count; seed++) {
        Run run;
        begin(&run, seed);
        one_day(&run);
        for (int i = 0; i < run.devices; i++) check_device(&run, i);
        check_letters(&run);
        for (int i = 0; i < run.devices; i++) check_nothing_twice(&run, i);
        actions += run.actions;
        letters += (size_t)run.letters;
        world_free(run.world);
    }
    printf("%llu seeds, %zu actions, %zu letters\n", (unsigned long long)seed_count, actions, letters);
}

int main(int count, char **arguments) {
    if (count > 1) first_seed = strtoull(arguments[1], NULL, 10);
    if (count > 2) seed_count = strtoull(arguments[2], NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_seed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
