/* The arguments of MAIL and RCPT: what is accepted says what it says when it is written again; what is not has a place. */
#include "base/text.h"
#include "fuzz.h"
#include "proto/smtp/syntax.h"

static void check_path(const SmtpPath *path) {
    CHECK(path->size <= SMTP_PATH_MOST && path->at <= path->size && strlen(path->text) == path->size);
    CHECK(path->at == path->size || path->text[path->at] == '@');
    SmtpPath again;
    CHECK(smtp_path_set(&again, path->text) && smtp_path_equal(path, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    Bytes argument = bytes_of(at, size);
    for (int utf8 = 0; utf8 < 2; utf8++) {
        SmtpMail mail;
        SmtpRcpt rcpt;
        ParseFault fault;
        if (smtp_mail_parse(argument, utf8, &mail, &fault)) {
            check_path(&mail.path);
            CHECK(strlen(mail.envid) <= SMTP_ENVID_MOST);
        } else {
            fuzz_check_fault(fault, size);
        }
        if (smtp_rcpt_parse(argument, utf8, &rcpt, &fault)) {
            check_path(&rcpt.path);
            CHECK(rcpt.path.size > 0 && strlen(rcpt.orcpt) < sizeof rcpt.orcpt);
            CHECK(!(rcpt.notify & SMTP_NOTIFY_NEVER) || rcpt.notify == SMTP_NOTIFY_NEVER);
        } else {
            fuzz_check_fault(fault, size);
        }
    }
    return 0;
}
