/* APPEND (RFC 3501 section 6.3.11, RFC 4315 section 3). */
#include "proto/imap/server_inside.h"

/* Up to where the message begins. */
static void read_prefix(ImapCommand *c) {
    ImapReader *r = &c->reader;
    if (!imap_read_space(r) || !imap_read_mailbox(r, &c->mailbox) || !imap_read_space(r)) return;
    if (imap_is_next(r, '(') && (!imap_read_flag_list(r, &c->flags) || !imap_read_space(r))) return;
    if (!imap_is_next(r, '"')) return;
    c->has_date = true;
    (void)(imap_read_date_time(r, &c->date_s) && imap_read_space(r));
}

void imap_parse_append(ImapServer *s, ImapCommand *c) {
    ImapReader *r = &c->reader;
    (void)s;
    read_prefix(c);
    if (imap_failed(r)) return;
    if (!imap_is_next(r, '{')) (void)imap_fault(r, "imap.literal");
    else (void)imap_read_string(r, &c->content);
}

bool imap_append_reaches_message(ImapServer *s, ImapCommand *c) {
    if (!c->row || c->row->input != IMAP_SERVER_ON_APPEND || !(c->row->states >> s->machine.state & 1)) return false;
    read_prefix(c);
    ImapReader *r = &c->reader;
    if (imap_failed(r) || !imap_is_next(r, '{')) return false;
    size_t at = r->at + 1;
    while (at < r->text.size && r->text.at[at] >= '0' && r->text.at[at] <= '9') at++;
    if (at < r->text.size && r->text.at[at] == '+') at++;
    return at + 1 == r->text.size;
}

bool imap_judge_room(ImapServer *s, ImapCommand *c, uint64_t octets) {
    uint64_t quota = s->office->quota(s->office->self, s->account);
    if (quota > 0 && mail_account_octets(s->account) + octets > quota)
        imap_verdict(c, IMAP_NO, "OVERQUOTA", "The mailbox is full");
    else if (octets > s->office->room(s->office->self)) imap_verdict(c, IMAP_NO, "OVERQUOTA", "The disk is full");
    return c->status == IMAP_OK;
}

/* Where messages can be put, or NULL, and the verdict: a mailbox that could be made is worth TRYCREATE. */
Mailbox *imap_find_target(ImapServer *s, ImapCommand *c, Bytes name) {
    Mailbox *mailbox = mailbox_find(s->account, name);
    if (!mailbox) imap_verdict(c, IMAP_NO, "TRYCREATE", "There is no such mailbox");
    else if (mailbox->no_select) imap_verdict(c, IMAP_NO, NULL, "That is no mailbox, only a name above others");
    else if (mailbox->uid_next == UINT32_MAX) imap_verdict(c, IMAP_NO, "LIMIT", "The mailbox has no UID left");
    else return mailbox;
    return NULL;
}

void imap_judge_append_early(ImapServer *s, ImapCommand *c, uint64_t octets) {
    if (imap_find_target(s, c, c->mailbox)) (void)imap_judge_room(s, c, octets);
}

void imap_judge_append(ImapServer *s, ImapCommand *c) {
    if (c->content.size == 0) imap_verdict(c, IMAP_NO, NULL, "A message is not empty");
    else if (imap_find_target(s, c, c->mailbox)) c->writes = imap_judge_room(s, c, c->content.size);
}

uint64_t imap_flag_bits(Mailbox *mailbox, const ImapFlagNames *names) {
    uint64_t bits = 0;
    for (size_t i = 0; i < names->count; i++) bits |= mailbox_flag(mailbox, names->names[i], true);
    return bits;
}

void imap_carry_append(ImapServer *s, ImapCommand *c, Effects *effects) {
    Mailbox *mailbox = imap_find_target(s, c, c->mailbox);
    if (!mailbox || !imap_judge_room(s, c, c->content.size)) return;
    MailContent *content = mail_content_new(c->content.at, c->content.size);
    int64_t now_s = s->config->civil_start_s + effects->now / SIM_SECOND;
    StoredMessage *m = mailbox_append(mailbox, content, imap_flag_bits(mailbox, &c->flags),
                                      c->has_date ? c->date_s : now_s);
    mail_content_drop(content);
    imap_code_print(s, c, "APPENDUID %u %u", (unsigned)mailbox->uid_validity, (unsigned)m->uid);
    effect_fact(effects, &fact_imap_appended,
                (int64_t[]){fact_name(s->user), fact_name(s->office->keep(s->office->self, mailbox->name)), m->uid,
                            (int64_t)c->content.size});
}
