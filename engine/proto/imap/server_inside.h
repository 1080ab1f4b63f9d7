/* Between the files of the IMAP server. */
#ifndef NETSTAGE_PROTO_IMAP_SERVER_INSIDE_H
#define NETSTAGE_PROTO_IMAP_SERVER_INSIDE_H

#include "mail/octets.h"
#include "proto/imap/server.h"
#include "proto/imap/server_facts.h"

/* ---- server_replies.c ---- */

/* Empties a text; one that has held a large message gives its room back. */
void imap_text_empty(Text *text);

/* A response: what is put into the text between these two, without its CRLF. */
Text *imap_reply_begin(ImapServer *s);
void imap_reply_end(ImapServer *s, Effects *effects);
/* One without anything to be filled in: "* BYE …". */
void imap_reply_text(ImapServer *s, const char *text, Effects *effects);
/* "a1 OK [code] text", or "* BAD …" where no tag could be read. */
void imap_reply_tagged(ImapServer *s, Effects *effects);
/* Before an input: what was written is forgotten. At its end: what was said is written. */
void imap_replies_begin(ImapServer *s);
void imap_replies_flush(ImapServer *s, Effects *effects);
/* Tells what has changed in the selected mailbox, if one is. */
void imap_reply_news(ImapServer *s, bool with_expunges, Effects *effects);
void imap_reply_flags(ImapServer *s, size_t index, bool with_uid, Effects *effects);
void imap_put_flags(Text *to, const Mailbox *mailbox, uint64_t flags, bool recent);
void imap_put_capabilities(const ImapServer *s, Text *to);
/* "* FLAGS (…)", and "* OK [PERMANENTFLAGS (…)]". */
void imap_reply_keywords(ImapServer *s, Effects *effects);
/* The same where the mailbox has keywords that this session has not been told of. */
void imap_reply_new_keywords(ImapServer *s, Effects *effects);

/* ---- Commands ---- */

/* The verdict; `text` and `code` (NULL: none) live as long as the command. */
void imap_verdict(ImapCommand *c, ImapStatus status, const char *code, const char *text);
void imap_verdict_print(ImapServer *s, ImapCommand *c, ImapStatus status, const char *code, const char *format, ...);
/* The code alone, printed; the verdict stands at OK. */
void imap_code_print(ImapServer *s, ImapCommand *c, const char *format, ...);
/* A whole command, or what it came to before it was whole: with `trouble` (NULL: none) it is answered BAD. */
void imap_server_command(ImapServer *s, const char *trouble, Effects *effects);
/* Tag, row and reader of the command as far as its text goes, for whoever must know before it is whole. */
void imap_server_peek(ImapServer *s);
/* Whether there is such a command, and it is allowed now; if not, the verdict says so. */
bool imap_judge_name(const ImapServer *s, ImapCommand *c);
/* Before each command. */
void imap_server_forget_command(ImapServer *s);
void imap_server_set_timer(ImapServer *s, Effects *effects);
static inline bool imap_is_state(const ImapServer *s, ImapServerState state) { return s->machine.state == state; }

/* server_login.c */
void imap_parse_authenticate(ImapServer *s, ImapCommand *c);
void imap_judge_authenticate(ImapServer *s, ImapCommand *c);
void imap_parse_login(ImapServer *s, ImapCommand *c);
void imap_judge_login(ImapServer *s, ImapCommand *c);
void imap_server_auth_line(ImapServer *s, Bytes line, const char *trouble, Effects *effects);

/* server_mailboxes.c */
void imap_parse_mailbox(ImapServer *s, ImapCommand *c);
void imap_parse_create(ImapServer *s, ImapCommand *c);
void imap_parse_rename(ImapServer *s, ImapCommand *c);
void imap_parse_status(ImapServer *s, ImapCommand *c);
void imap_judge_select(ImapServer *s, ImapCommand *c);
void imap_carry_select(ImapServer *s, ImapCommand *c, Effects *effects);
void imap_carry_examine(ImapServer *s, ImapCommand *c, Effects *effects);
void imap_carry_unselect(ImapServer *s, ImapCommand *c, Effects *effects);
void imap_judge_write(ImapServer *s, ImapCommand *c);
void imap_carry_create(ImapServer *s, ImapCommand *c, Effects *effects);
void imap_carry_delete(ImapServer *s, ImapCommand *c, Effects *effects);
void imap_carry_rename(ImapServer *s, ImapCommand *c, Effects *effects);
void imap_carry_subscribe(ImapServer *s, ImapCommand *c, Effects *effects);
void imap_carry_unsubscribe(ImapServer *s, ImapCommand *c, Effects *effects);
void imap_judge_status(ImapServer *s, ImapCommand *c);
void imap_carry_status(ImapServer *s, ImapCommand *c, Effects *effects);

/* server_lists.c */
void imap_parse_list(ImapServer *s, ImapCommand *c);
void imap_carry_list(ImapServer *s, ImapCommand *c, Effects *effects);
void imap_carry_lsub(ImapServer *s, ImapCommand *c, Effects *effects);
void imap_carry_namespace(ImapServer *s, ImapCommand *c, Effects *effects);

/* server_append.c */
void imap_parse_append(ImapServer *s, ImapCommand *c);
void imap_judge_append(ImapServer *s, ImapCommand *c);
void imap_carry_append(ImapServer *s, ImapCommand *c, Effects *effects);
/* Where messages can be put; NULL: the verdict says why not. */
Mailbox *imap_find_target(ImapServer *s, ImapCommand *c, Bytes name);
/* Whether so many more octets fit; sets NO [OVERQUOTA] or NO if not. */
bool imap_judge_room(ImapServer *s, ImapCommand *c, uint64_t octets);
/* Whether the literal that stands at the end of the text is APPEND's message. After imap_server_peek. */
bool imap_append_reaches_message(ImapServer *s, ImapCommand *c);
/* What may be said before the message comes. */
void imap_judge_append_early(ImapServer *s, ImapCommand *c, uint64_t octets);
/* The bits of flags named in a command; keywords are added. */
uint64_t imap_flag_bits(Mailbox *mailbox, const ImapFlagNames *names);

/* server_fetch.c */
void imap_parse_fetch(ImapServer *s, ImapCommand *c);
void imap_judge_fetch(ImapServer *s, ImapCommand *c);
void imap_carry_fetch(ImapServer *s, ImapCommand *c, Effects *effects);
/* Sets \Seen where it must be. */
void imap_fetch_begin(ImapServer *s, ImapCommand *c, Effects *effects);
/* Says the next messages, up to IMAP_FETCH_AT_ONCE octets or the end. */
void imap_fetch_some(ImapServer *s, ImapCommand *c, Effects *effects);
/* Whether a set of sequence numbers names one that no message has: BAD (section 9, "seq-number"). */
bool imap_set_goes_beyond(const ImapSet *set, uint32_t most);
/* Sets c->chosen out of c->set; a number beyond the view is BAD, an unknown UID is passed over. */
bool imap_choose(ImapServer *s, ImapCommand *c);

/* server_store.c */
void imap_parse_store(ImapServer *s, ImapCommand *c);
void imap_judge_store(ImapServer *s, ImapCommand *c);
void imap_carry_store(ImapServer *s, ImapCommand *c, Effects *effects);
void imap_parse_copy(ImapServer *s, ImapCommand *c);
void imap_judge_copy(ImapServer *s, ImapCommand *c);
void imap_carry_copy(ImapServer *s, ImapCommand *c, Effects *effects);
void imap_judge_move(ImapServer *s, ImapCommand *c);
void imap_carry_move(ImapServer *s, ImapCommand *c, Effects *effects);
void imap_parse_uid_expunge(ImapServer *s, ImapCommand *c);
void imap_judge_expunge(ImapServer *s, ImapCommand *c);
void imap_carry_expunge(ImapServer *s, ImapCommand *c, Effects *effects);
void imap_judge_close(ImapServer *s, ImapCommand *c);
void imap_carry_close(ImapServer *s, ImapCommand *c, Effects *effects);

/* server_search.c */
void imap_parse_search(ImapServer *s, ImapCommand *c);
void imap_judge_search(ImapServer *s, ImapCommand *c);
void imap_carry_search(ImapServer *s, ImapCommand *c, Effects *effects);

#endif
