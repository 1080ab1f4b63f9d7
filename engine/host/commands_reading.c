/* What the user of an IMAP client does: goes on line and off, opens messages, flags, files and deletes them. */
#include <string.h>

#include "host/config.h"
#include "host/mail.h"
#include "host/world_inside.h"

/* NULL: the mistake is noted, or only names are wanted. */
static Host *read_reader(Command *c) {
    Host *host = command_read_host(c, "host");
    if (host && !host->imap_client) command_fail(c, "host", "%s has no IMAP client", host->name);
    return host;
}

void do_mail_connect(Command *c) {
    Host *host = read_reader(c);
    if (command_accept(c)) host_imap_client_connect(host, c->cause);
}

void do_mail_disconnect(Command *c) {
    Host *host = read_reader(c);
    if (command_accept(c)) host_imap_client_disconnect(host, c->cause);
}

static size_t read_number(Command *c) {
    int64_t number = value_read_number(&c->reader, "message", 1, UINT32_MAX, 0);
    if (number == 0 && command_is_good(c))
        value_reader_fail(&c->reader, "message", NULL, "a message's number: 1 is the oldest");
    return (size_t)number;
}

static char *copy_of(const char *text) {
    char *copy = memory_new(strlen(text) + 1);
    memcpy(copy, text, strlen(text));
    return copy;
}

void do_mail_open(Command *c) {
    Host *host = read_reader(c);
    size_t number = read_number(c);
    if (!command_accept(c)) return;
    host_imap_client_request(host, number, &(ImapRequest){.kind = IMAP_REQUEST_OPEN}, c->cause);
}

static bool is_part_number(const char *part) {
    bool good = strlen(part) < IMAP_PART_NUMBER_MOST && part[0] >= '1' && part[0] <= '9';
    for (const char *at = part; good && *at; at++)
        good = *at == '.' ? at[1] >= '1' && at[1] <= '9' : *at >= '0' && *at <= '9';
    return good;
}

void do_mail_part(Command *c) {
    Host *host = read_reader(c);
    ImapRequest r = {.kind = IMAP_REQUEST_PART};
    size_t number = read_number(c);
    const char *part = value_read_text(&c->reader, "part", NULL);
    r.from = (uint32_t)value_read_number(&c->reader, "from", 0, INT32_MAX, 0);
    r.octets = (uint32_t)value_read_number(&c->reader, "octets", 1, INT32_MAX, INT32_MAX);
    if (command_is_good(c) && (!part || !is_part_number(part)))
        value_reader_fail(&c->reader, "part", value_get(c->value, "part"), "the number of a part: \"2\" or \"2.1\"");
    if (!command_accept(c)) return;
    memcpy(r.part, part, strlen(part) + 1);
    host_imap_client_request(host, number, &r, c->cause);
}

static bool is_flag(const char *flag) {
    const char *word = flag[0] == '\\' ? flag + 1 : flag;
    bool good = word[0] && strlen(word) <= MAIL_KEYWORD_MOST && strcmp(flag, "\\Recent") != 0;
    for (const char *at = word; good && *at; at++) good = *at > ' ' && *at < 0x7f && !strchr("(){%*\"\\]", *at);
    return good;
}

void do_mail_flag(Command *c) {
    Host *host = read_reader(c);
    size_t number = read_number(c);
    const char *flag = value_read_text(&c->reader, "flag", NULL);
    bool set = value_read_truth(&c->reader, "set", true);
    if (command_is_good(c) && (!flag || !is_flag(flag)))
        value_reader_fail(&c->reader, "flag", value_get(c->value, "flag"),
                          "a flag: \"\\Flagged\", \"\\Seen\", \"$Work\"");
    if (!command_accept(c)) return;
    host_imap_client_request(host, number, &(ImapRequest){.kind = IMAP_REQUEST_FLAG, .flag = copy_of(flag), .set = set},
                             c->cause);
}

void do_mail_file(Command *c) {
    Host *host = read_reader(c);
    size_t number = read_number(c);
    const char *mailbox = value_read_text(&c->reader, "mailbox", NULL);
    if (command_is_good(c) && (!mailbox || !config_is_folder(mailbox)))
        value_reader_fail(&c->reader, "mailbox", value_get(c->value, "mailbox"), "a mailbox's name");
    if (!command_accept(c)) return;
    host_imap_client_request(host, number, &(ImapRequest){.kind = IMAP_REQUEST_FILE, .mailbox = copy_of(mailbox)},
                             c->cause);
}

void do_mail_delete(Command *c) {
    Host *host = read_reader(c);
    size_t number = read_number(c);
    if (!command_accept(c)) return;
    host_imap_client_request(host, number, &(ImapRequest){.kind = IMAP_REQUEST_DELETE}, c->cause);
}
