/* Letters on their way: user agents, queues, exchangers, mailboxes, and what goes wrong between them. */
#include "mail_worlds.h"

enum { MINUTE_S = 60, HOUR_S = 3600 };

static void run_s(World *w, int64_t seconds) { run_for(w, seconds * SIM_SECOND); }

static void alice_writes_to_bob(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){0});
    world_do(w, "{'do':'mail','host':'pc','from':'Alice <alice@crepes.fr>','to':'bob@hamburger.edu','bcc':'bea@hamburger.edu','subject':'Ketchup','text':'Do you like ketchup?'}");
    run_s(w, 10);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 1);
    assert_int_equal(mailbox_of(w, "burger", "bea")->count, 1);
    Bytes mail = mail_in(w, "burger", "bob", 0);
    assert_true(holds_text(bytes_slice(mail, 0, 40), "Return-Path: <alice@crepes.fr>\r\nReceive"));
    assert_true(holds_text(mail, "by mail.hamburger.edu with ESMTP"));
    assert_true(holds_text(mail, "by mail.crepes.fr with ESMTP"));
    assert_true(holds_text(mail, "Subject: Ketchup"));
    assert_false(holds_text(mail, "bea@"));
    assert_int_equal(queue_length(w, "pc") + queue_length(w, "crepes") + queue_length(w, "burger"), 0);
    assert_int_equal(facts_of(w, "crepes", &fact_mail_sent), 2);
    assert_int_equal(facts_of(w, "crepes", &fact_mail_dequeued), 1); /* both in one entry */
    world_free(w);
}

/* ---- Routes ---- */

#define TO_BOB "{'do':'mail','host':'crepes','from':'alice@crepes.fr','to':'bob@hamburger.edu','subject':'x','text':'y'}"

static void routes(void **state) {
    (void)state;
    static const char three[] = "['@','MX',20,'b'],['@','MX',10,'a'],['@','MX',30,'mail'],['a','A','10.0.0.98'],['b','A','10.0.0.99'],['mail','A','10.0.0.20']";
    World *w = mail_network((MailNetwork){.hamburger_records = three});
    world_do(w, TO_BOB);
    run_s(w, 15 * MINUTE_S); /* two hosts that are not there */
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 1);
    const int64_t *values = NULL;
    facts_since(w, 0, "crepes", &fact_mail_sent, &values, NULL);
    assert_string_equal(trace_fact_name(values[2]), "mail.hamburger.edu");
    world_free(w);
    /* Without MX the name itself is the host. */
    /* An exchanger with several addresses (multihomed): the next is tried at once, and no host counts as failed. */
    w = mail_network((MailNetwork){.hamburger_records = "['@','MX',10,'mail'],['mail','A','10.0.0.11'],['mail','A','10.0.0.20'],['mail','A','10.0.0.53']"});
    world_do(w, TO_BOB);
    run_s(w, 20);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 1);
    assert_int_equal(facts_of(w, "crepes", &fact_mail_deferred), 0);
    world_free(w);
    w = mail_network((MailNetwork){.hamburger_records = "['@','A','10.0.0.20']"});
    world_do(w, TO_BOB);
    run_s(w, 10);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 1);
    world_free(w);
    static const struct {
        const char *records, *status, *said;
    } dead_ends[] = {{"['@','MX',0,'.']", "5.1.10", "accepts no mail"},
                     {"['@','TXT','nothing']", "5.4.4", "neither MX nor address"}};
    for (size_t i = 0; i < 2; i++) {
        w = mail_network((MailNetwork){.hamburger_records = dead_ends[i].records});
        world_do(w, TO_BOB);
        run_s(w, 10);
        Arena *arena = arena_new();
        ReportRead read = report_in(arena, w, "crepes", "alice", 0);
        assert_bytes(read.report.recipients[0].status, dead_ends[i].status);
        assert_true(holds_text(mail_in(w, "crepes", "alice", 0), dead_ends[i].said));
        assert_int_equal(queue_length(w, "crepes"), 0);
        arena_free(arena);
        world_free(w);
    }
    w = mail_network((MailNetwork){.zones = "'edu':{'records':[]}"});
    world_do(w, "{'do':'mail','host':'crepes','from':'alice@crepes.fr','to':'bob@nowhere.edu','text':'y'}");
    run_s(w, 10);
    Arena *arena = arena_new();
    assert_bytes(report_in(arena, w, "crepes", "alice", 0).report.recipients[0].status, "5.1.2");
    arena_free(arena);
    world_free(w);
}

static void more_letters_than_look_ups(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){0});
    for (int i = 0; i < 60; i++) world_do(w, TO_BOB);
    run_s(w, 30);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 60);
    assert_int_equal(facts_of(w, "crepes", &fact_mail_deferred), 0);
    world_free(w);
}

/* ---- Time ---- */

static SimTime nth_fact_at(World *w, const char *host, const FactSpec *spec, size_t n) {
    const Trace *trace = world_trace(w);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind == TRACE_FACT && r->host == world_find(w, host) && trace_fact_spec(trace, r) == spec && n-- == 0) return r->at;
    }
    fail_msg("there is no such fact on %s: %s", host, spec->name);
    return 0;
}

/* The name servers are silent: each attempt ends when the stub has given up, 20 s after it began. */
static void retries_warning_and_end(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){.crepes = "'retry':'30m','retry_most':'2h','give_up':'10h','warn':'4h'"});
    world_do(w, "{'do':'crash','host':'dns'}");
    SimTime start = world_now(w);
    world_do(w, TO_BOB);
    run_s(w, 12 * HOUR_S);
    static const int64_t waits_s[] = {1800, 3600, 7200, 7200, 7200};
    SimTime queued = nth_fact_at(w, "crepes", &fact_mail_queued, 0);
    assert_int_equal(queued - start, 2 * SIM_MILLISECOND);
    SimTime at = queued;
    for (size_t i = 0; i < 5; i++) {
        SimTime deferred = nth_fact_at(w, "crepes", &fact_mail_deferred, i);
        assert_true(deferred >= at && deferred <= at + 25 * SIM_SECOND);
        at = deferred + waits_s[i] * SIM_SECOND;
    }
    assert_int_equal(facts_of(w, "crepes", &fact_mail_deferred), 7); /* at 9 h 30 for the last time */
    assert_int_equal(facts_of(w, "crepes", &fact_mail_reported), 2);
    assert_int_equal(nth_fact_at(w, "crepes", &fact_mail_reported, 0), queued + 4 * HOUR_S * SIM_SECOND);
    assert_int_equal(nth_fact_at(w, "crepes", &fact_mail_reported, 1), queued + 10 * HOUR_S * SIM_SECOND);
    Arena *arena = arena_new();
    ReportRead warning = report_in(arena, w, "crepes", "alice", 0), end = report_in(arena, w, "crepes", "alice", 1);
    assert_int_equal(warning.report.recipients[0].action, REPORT_DELAYED);
    assert_true(warning.report.recipients[0].has_will_retry_until);
    assert_int_equal(warning.report.recipients[0].will_retry_until_s, MAIL_CIVIL_START_S + (queued + 10 * HOUR_S * SIM_SECOND) / SIM_SECOND);
    assert_int_equal(end.report.recipients[0].action, REPORT_FAILED);
    assert_bytes(end.report.recipients[0].final_recipient, "bob@hamburger.edu");
    assert_bytes(end.report.recipients[0].status, "5.4.3");
    assert_bytes(end.report.reporting_mta, "mail.crepes.fr");
    assert_non_null(end.returned);
    assert_int_equal(queue_length(w, "crepes"), 0);
    arena_free(arena);
    world_free(w);
}

static void tried_at_once_when_told(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){0});
    world_do(w, "{'do':'crash','host':'burger'}");
    world_do(w, TO_BOB);
    run_s(w, 10 * MINUTE_S);
    assert_int_equal(facts_of(w, "crepes", &fact_mail_deferred), 1);
    world_do(w, "{'do':'boot','host':'burger','quiet':true}");
    run_s(w, 5);
    world_do(w, "{'do':'queue','host':'crepes'}");
    run_s(w, 5);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 1);
    world_free(w);
}

/* ---- Reports ---- */

static void a_bounce_and_no_more(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){0});
    world_do(w, "{'do':'mail','host':'pc','from':'alice@crepes.fr','to':'nobody@hamburger.edu','text':'y','ret':'full','envid':'QQ 7'}");
    run_s(w, 10);
    Arena *arena = arena_new();
    ReportRead read = report_in(arena, w, "crepes", "alice", 0);
    assert_int_equal(read.report.recipient_count, 1);
    assert_bytes(read.report.recipients[0].final_recipient, "nobody@hamburger.edu");
    assert_int_equal(read.report.recipients[0].action, REPORT_FAILED);
    assert_bytes(read.report.recipients[0].status, "5.1.1");
    assert_bytes(read.report.recipients[0].diagnostic_code, "550 5.1.1 nobody@hamburger.edu... User unknown");
    assert_bytes(read.report.recipients[0].remote_mta, "mail.hamburger.edu");
    assert_bytes(read.report.original_envelope_id, "QQ 7");
    assert_true(holds_text(mail_in(w, "crepes", "alice", 0), "Return-Path: <>\r\n"));
    assert_non_null(read.returned);
    arena_free(arena);
    /* With a null sender, or one who does not exist: nobody is told, and it ends. */
    world_do(w, "{'do':'mail','host':'crepes','envelope':{'from':'','to':'nobody@hamburger.edu'},'raw':'Subject: a\\n\\nb\\n'}");
    world_do(w, "{'do':'mail','host':'crepes','envelope':{'from':'ghost@crepes.fr','to':'nobody@hamburger.edu'},'raw':'Subject: a\\n\\nb\\n'}");
    world_do(w, "{'do':'mail','host':'crepes','envelope':{'from':'ghost@hamburger.edu','to':'nobody@crepes.fr'},'raw':'Subject: a\\n\\nb\\n'}");
    run_s(w, 20);
    assert_int_equal(facts_of(w, "crepes", &fact_mail_report_dropped), 3);
    assert_int_equal(queue_length(w, "crepes") + queue_length(w, "burger"), 0);
    size_t mails = 0;
    for (size_t i = 0; i < 2; i++) mails += mailbox_inbox(&mail_of(w, "crepes")->store.accounts[i])->count + mailbox_inbox(&mail_of(w, "burger")->store.accounts[i])->count;
    assert_int_equal(mails, 1);
    world_free(w);
}

static void success_reports(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){0});
    world_do(w, "{'do':'mail','host':'pc','from':'alice@crepes.fr','to':'bob@hamburger.edu','text':'y','notify':'success','envid':'E1'}");
    run_s(w, 10);
    Arena *arena = arena_new();
    ReportRead read = report_in(arena, w, "crepes", "alice", 0);
    assert_int_equal(read.report.recipients[0].action, REPORT_DELIVERED);
    assert_bytes(read.report.reporting_mta, "mail.hamburger.edu");
    assert_bytes(read.report.original_envelope_id, "E1");
    world_free(w);
    /* A server that knows no DSN: the one before it says that it passed the message on. */
    w = mail_network((MailNetwork){.burger = "'extensions':['SIZE']"});
    world_do(w, "{'do':'mail','host':'pc','from':'alice@crepes.fr','to':'bob@hamburger.edu','text':'y','notify':['success','failure']}");
    run_s(w, 10);
    read = report_in(arena, w, "crepes", "alice", 0);
    assert_int_equal(read.report.recipients[0].action, REPORT_RELAYED);
    assert_bytes(read.report.reporting_mta, "mail.crepes.fr");
    assert_int_equal(mailbox_of(w, "crepes", "alice")->count, 1);
    /* NEVER: nobody is told of a failure. */
    world_do(w, "{'do':'mail','host':'pc','from':'alice@crepes.fr','to':'nobody@crepes.fr, gone@hamburger.edu','text':'y','notify':'never'}");
    run_s(w, 10);
    assert_int_equal(queue_length(w, "crepes"), 0);
    arena_free(arena);
    world_free(w);
}

/* ---- Many recipients, lists, forwards ---- */

static void several_recipients(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){.burger = "'mailboxes':{'bob':{},'bea':{'busy':true},'full':{'quota':10}},'moved':{'dave':{'to':'dave@x.org','forward':false}}"});
    world_do(w, "{'do':'mail','host':'crepes','from':'alice@crepes.fr','to':['bob@hamburger.edu','nobody@hamburger.edu','bea@hamburger.edu','anna@crepes.fr','dave@hamburger.edu','full@hamburger.edu','ghost@crepes.fr'],'text':'y'}");
    run_s(w, 10);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 1);
    assert_int_equal(mailbox_of(w, "crepes", "anna")->count, 1);
    assert_int_equal(mailbox_of(w, "crepes", "alice")->count, 2);
    Arena *arena = arena_new();
    ReportRead ours = report_in(arena, w, "crepes", "alice", 0), theirs = report_in(arena, w, "crepes", "alice", 1);
    assert_int_equal(ours.report.recipient_count, 1);
    assert_bytes(ours.report.recipients[0].final_recipient, "ghost@crepes.fr");
    assert_bytes(ours.report.recipients[0].status, "5.1.1");
    assert_int_equal(theirs.report.recipient_count, 3);
    assert_bytes(theirs.report.recipients[0].final_recipient, "nobody@hamburger.edu");
    assert_bytes(theirs.report.recipients[1].status, "5.1.6");
    assert_bytes(theirs.report.recipients[2].status, "5.2.2");
    arena_free(arena);
    assert_int_equal(queue_length(w, "crepes"), 1); /* bea's mailbox was busy */
    world_do(w, "{'do':'mailbox','host':'burger','mailbox':'bea','busy':false}");
    run_s(w, 31 * MINUTE_S);
    assert_int_equal(mailbox_of(w, "burger", "bea")->count, 1);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 1);
    assert_int_equal(mailbox_of(w, "crepes", "alice")->count, 2);
    assert_int_equal(queue_length(w, "crepes"), 0);
    world_free(w);
}

static void lists_and_forwards(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){.burger = "'lists':{'team':['bob','bea','team','more','alice@crepes.fr'],'more':['team','bob','nobody']},'moved':{'anna':'anna@crepes.fr','round':'trip','trip':'round'}"});
    world_do(w, "{'do':'mail','host':'crepes','from':'alice@crepes.fr','to':['team@hamburger.edu','anna@hamburger.edu'],'subject':'all','text':'y'}");
    run_s(w, 10);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 1);
    assert_int_equal(mailbox_of(w, "burger", "bea")->count, 1);
    assert_int_equal(mailbox_of(w, "crepes", "anna")->count, 1);
    assert_int_equal(mailbox_of(w, "crepes", "alice")->count, 2); /* the letter, and that there is no such member */
    assert_int_equal(facts_of(w, "burger", &fact_mail_reported), 1);
    assert_int_equal(queue_length(w, "crepes") + queue_length(w, "burger"), 0);
    world_free(w);
}

static void two_letters_one_connection(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){0});
    world_do(w, TO_BOB);
    world_do(w, TO_BOB);
    run_s(w, 10);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 2);
    size_t connections = 0;
    const Directory *d = trace_directory(world_trace(w));
    for (size_t i = 0; i < d->stream_count; i++) connections += d->streams[i].opener && d->streams[i].proto == TRACE_PROTO_SMTP;
    assert_int_equal(connections, 1);
    world_free(w);
}

/* One that waits for its time is taken along when a connection to its host stands: the host was down, not unwilling. */
static void a_waiting_letter_is_taken_along(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){0});
    world_do(w, "{'do':'crash','host':'burger'}");
    world_do(w, TO_BOB);
    run_s(w, 10 * MINUTE_S);
    world_do(w, "{'do':'boot','host':'burger','quiet':true}");
    run_s(w, 5);
    world_do(w, TO_BOB);
    run_s(w, 5);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 2);
    world_free(w);
}

/* ---- Refusals of a server's own ---- */

static void policies(void **state) {
    (void)state;
    /* Greylisting: refused for now, and taken when it comes again. */
    World *w = mail_network((MailNetwork){.burger = "'greylist':'5m'", .crepes = "'retry':'10m'"});
    world_do(w, TO_BOB);
    run_s(w, 9 * MINUTE_S);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 0);
    run_s(w, 2 * MINUTE_S);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 1);
    world_do(w, TO_BOB); /* by now they are known */
    run_s(w, 5);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 2);
    world_free(w);
    /* Relaying is for those who are trusted, or authenticated. */
    w = mail_network((MailNetwork){.agent = "'server':'10.0.0.20'"});
    world_free(w);
    w = mail_network((MailNetwork){.crepes = "'ports':[25,587],'users':{'alice':'secret'},'auth_required':true", .agent = "'port':587,'user':'alice','password':'secret'"});
    world_do(w, "{'do':'mail','host':'pc','to':'bob@hamburger.edu','text':'y'}");
    run_s(w, 10);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 1);
    assert_int_equal(facts_of(w, "crepes", &fact_smtp_authenticated), 1);
    assert_true(holds_text(mail_in(w, "burger", "bob", 0), "with ESMTPA"));
    world_free(w);
    w = mail_network((MailNetwork){.crepes = "'relay_to':'10.0.0.20'"});
    world_do(w, "{'do':'mail','host':'crepes','from':'alice@crepes.fr','to':['bob@hamburger.edu','carol@elsewhere.org'],'text':'y'}");
    run_s(w, 10);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 1);
    Arena *arena = arena_new();
    ReportRead read = report_in(arena, w, "crepes", "alice", 0);
    assert_bytes(read.report.recipients[0].status, "5.7.1");
    arena_free(arena);
    world_free(w);
}

/* Two servers each think that the other keeps the domain. */
static void loops_stop(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){.crepes = "'trusted':['10.0.0.0/24'],'hops_limit':12", .burger = "'trusted':['10.0.0.0/24'],'moved':{'ring':'ring@crepes.fr'}",
                                          .zones = "'ring.org':{'records':[['@','MX',5,'a'],['a','A','10.0.0.10']]}"});
    world_do(w, "{'do':'mail','host':'burger','from':'bob@hamburger.edu','to':'x@ring.org','text':'y'}");
    run_s(w, HOUR_S);
    assert_int_equal(queue_length(w, "crepes") + queue_length(w, "burger"), 0);
    Arena *arena = arena_new();
    ReportRead read = report_in(arena, w, "burger", "bob", 0);
    assert_bytes(read.report.recipients[0].status, "5.4.6");
    arena_free(arena);
    world_free(w);
}

static void full_mailboxes(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){.burger = "'mailboxes':{'bob':{'quota':900},'bea':{}}"});
    for (int i = 0; i < 2; i++)
        world_do(w, "{'do':'mail','host':'crepes','envelope':{'from':'alice@crepes.fr','to':['bob@hamburger.edu','bea@hamburger.edu']},'raw':'Subject: %d\\n\\n%0500d\\n'}", i, 0);
    run_s(w, 10);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 1);
    assert_int_equal(mailbox_of(w, "burger", "bea")->count, 2);
    Arena *arena = arena_new();
    ReportRead read = report_in(arena, w, "crepes", "alice", 0);
    assert_int_equal(read.report.recipient_count, 1);
    assert_bytes(read.report.recipients[0].final_recipient, "bob@hamburger.edu");
    assert_bytes(read.report.recipients[0].status, "5.2.2");
    arena_free(arena);
    world_free(w);
}

/* ---- Disks ---- */

static void a_failing_disk(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){0});
    world_do(w, "{'do':'disk','host':'burger','state':'failing'}");
    world_do(w, TO_BOB);
    run_s(w, 10);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 0);
    Text said = smtp_said(w, 0, "crepes");
    assert_non_null(strstr(text_get(&said), "< 451 4.3.0 Local error in processing"));
    text_free(&said);
    world_do(w, "{'do':'disk','host':'burger','state':'ok','size':10}");
    run_s(w, 31 * MINUTE_S);
    said = smtp_said(w, 0, "crepes");
    assert_non_null(strstr(text_get(&said), "< 452 4.3.1 Insufficient system storage"));
    text_free(&said);
    world_do(w, "{'do':'disk','host':'burger','size':100000}");
    run_s(w, 61 * MINUTE_S);
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 1);
    /* Of the sender's own disk the user hears at once. */
    world_do(w, "{'do':'disk','host':'crepes','state':'failing'}");
    world_do(w, TO_BOB);
    run_s(w, 1);
    assert_int_equal(facts_of(w, "crepes", &fact_mail_not_sent), 1);
    /* A report waits until it can be written, and the letter stays until then. */
    world_do(w, "{'do':'disk','host':'crepes','state':'ok'}");
    world_do(w, "{'do':'mail','host':'crepes','from':'alice@crepes.fr','to':'nobody@hamburger.edu','text':'y'}");
    run_for(w, 5 * SIM_MILLISECOND);
    assert_int_equal(queue_length(w, "crepes"), 1);
    world_do(w, "{'do':'disk','host':'crepes','state':'failing'}");
    run_s(w, 100);
    assert_int_equal(mailbox_of(w, "crepes", "alice")->count, 0);
    assert_int_equal(queue_length(w, "crepes"), 1);
    world_do(w, "{'do':'disk','host':'crepes','state':'ok'}");
    run_s(w, 20);
    assert_int_equal(mailbox_of(w, "crepes", "alice")->count, 1);
    assert_int_equal(queue_length(w, "crepes"), 0);
    /* So too when there is no room. */
    world_do(w, "{'do':'mail','host':'crepes','from':'alice@crepes.fr','to':'nobody@hamburger.edu','text':'y'}");
    run_for(w, 5 * SIM_MILLISECOND);
    world_do(w, "{'do':'disk','host':'crepes','size':100}");
    run_s(w, 100);
    assert_int_equal(mailbox_of(w, "crepes", "alice")->count, 1);
    assert_int_equal(queue_length(w, "crepes"), 1);
    world_do(w, "{'do':'disk','host':'crepes','size':100000}");
    run_s(w, 30);
    assert_int_equal(mailbox_of(w, "crepes", "alice")->count, 2);
    assert_int_equal(queue_length(w, "crepes"), 0);
    world_free(w);
}

/* ---- Crashes ---- */

/* Power goes on one of the servers at every instant of a delivery, and comes back: what was answered 250 arrives, or its
 * sender hears of it; a second copy only where the crash fell behind the final dot. */
static void a_crash_at_any_instant(void **state) {
    (void)state;
    static const char *const victims[] = {"crepes", "burger", "pc"};
    unsigned twice = 0;
    for (size_t v = 0; v < 3; v++) {
        for (int at_ms = 0; at_ms < 130; at_ms++) {
            World *w = mail_network((MailNetwork){.crepes = "'disk_latency':'5ms'", .burger = "'disk_latency':'5ms'", .agent = "'disk_latency':'5ms'"});
            world_do(w, "{'do':'mail','host':'pc','from':'alice@crepes.fr','to':['bob@hamburger.edu','nobody@hamburger.edu'],'text':'y'}");
            run_for(w, 5 * SIM_MILLISECOND); /* it is on the user's disk */
            run_for(w, at_ms * SIM_MILLISECOND);
            world_do(w, "{'do':'crash','host':'%s'}", victims[v]);
            run_s(w, 20);
            world_do(w, "{'do':'boot','host':'%s','quiet':true}", victims[v]);
            run_s(w, 8 * HOUR_S);
            size_t bobs = mailbox_of(w, "burger", "bob")->count, reports = mailbox_of(w, "crepes", "alice")->count;
            if (bobs < 1 || bobs > 2 || reports < 1 || reports > 2 || queue_length(w, "pc") + queue_length(w, "crepes") + queue_length(w, "burger") > 0)
                fail_msg("%s crashed after %d ms: %zu letters, %zu reports, queues %zu %zu %zu", victims[v], at_ms, bobs, reports, queue_length(w, "pc"), queue_length(w, "crepes"), queue_length(w, "burger"));
            twice += bobs == 2;
            world_free(w);
        }
    }
    assert_in_range(twice, 1, 60);
}

/* The peer goes down in each state of the client. */
static void a_peer_gone_in_each_state(void **state) {
    (void)state;
    for (int s = SMTP_CLIENT_CONNECTING; s <= SMTP_CLIENT_QUIT; s++) {
        if (s == SMTP_CLIENT_READY) continue; /* never seen between events */
        World *w = mail_network((MailNetwork){.burger = s == SMTP_CLIENT_HELO ? "'disk_latency':'50ms'" : "'disk_latency':'50ms','users':{'a':'b'}",
                                              .crepes = s == SMTP_CLIENT_HELO ? "'ehlo':false" : "'pipelining':false"});
        char rcpt[60] = "bob@hamburger.edu";
        if (s == SMTP_CLIENT_RSET) strcpy(rcpt, "nobody@hamburger.edu");
        if (s == SMTP_CLIENT_AUTH) {
            world_free(w);
            continue; /* by transcript: a queue that authenticates is a user agent's */
        }
        static char text[200001];
        memset(text, 'x', sizeof text - 1);
        for (size_t i = 70; i < sizeof text - 1; i += 70) text[i] = ' ';
        if (s != SMTP_CLIENT_CONTENT) text[10] = 0;
        world_do(w, "{'do':'cable','host':'crepes','bandwidth':2000000}");
        world_do(w, "{'do':'mail','host':'crepes','from':'alice@crepes.fr','to':'%s','text':'%s'}", rcpt, text);
        bool reached = false;
        for (int step = 0; step < 100000 && !reached; step++) {
            if (!world_step(w, world_now(w) + SIM_SECOND)) break;
            MailService *service = mail_of(w, "crepes");
            reached = service->link_count > 0 && service->links[0]->client.machine.state == s;
        }
        if (!reached) fail_msg("the client was never in the state %s", smtp_client_spec.states[s]);
        world_do(w, "{'do':'crash','host':'burger'}");
        run_s(w, 30 * MINUTE_S);
        world_do(w, "{'do':'boot','host':'burger','quiet':true}");
        run_s(w, 8 * HOUR_S);
        size_t bobs = mailbox_of(w, "burger", "bob")->count, reports = mailbox_of(w, "crepes", "alice")->count;
        if (queue_length(w, "crepes") > 0 || bobs + reports < 1 || bobs > 2) fail_msg("%s: %zu letters, %zu reports, %zu in the queue", smtp_client_spec.states[s], bobs, reports, queue_length(w, "crepes"));
        world_free(w);
    }
}

/* ---- Memory ---- */

/* After the first letters nothing grows but what the mailbox holds and the trace tells. */
static void memory_is_used_again(void **state) {
    (void)state;
    World *w = mail_network((MailNetwork){0});
    size_t before = 0;
    for (int i = 0; i < 300; i++) {
        world_do(w, TO_BOB);
        run_s(w, 5);
        if (i == 20) before = mail_of(w, "crepes")->text_count;
    }
    assert_int_equal(mailbox_of(w, "burger", "bob")->count, 300);
    assert_int_equal(mail_of(w, "crepes")->text_count, before);
    assert_int_equal(mail_of(w, "crepes")->entry_count, 1);
    assert_int_equal(mail_of(w, "crepes")->link_count, 1);
    assert_in_range(mail_of(w, "burger")->sessions.count, 1, 2);
    world_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alice_writes_to_bob),
        cmocka_unit_test(routes),
        cmocka_unit_test(more_letters_than_look_ups),
        cmocka_unit_test(retries_warning_and_end),
        cmocka_unit_test(tried_at_once_when_told),
        cmocka_unit_test(a_bounce_and_no_more),
        cmocka_unit_test(success_reports),
        cmocka_unit_test(several_recipients),
        cmocka_unit_test(lists_and_forwards),
        cmocka_unit_test(two_letters_one_connection),
        cmocka_unit_test(a_waiting_letter_is_taken_along),
        cmocka_unit_test(policies),
        cmocka_unit_test(loops_stop),
        cmocka_unit_test(full_mailboxes),
        cmocka_unit_test(a_failing_disk),
        cmocka_unit_test(a_crash_at_any_instant),
        cmocka_unit_test(a_peer_gone_in_each_state),
        cmocka_unit_test(memory_is_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
