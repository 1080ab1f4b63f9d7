#include "mail/report.h"

#include <string.h>

#include "mail/date.h"
#include "mail/entity.h"
#include "mail/header_write.h"
#include "mail/message_id.h"
#include "mail/reencode.h"

static const char *const action_names[] = {
#define X(name, text) text,
    REPORT_ACTIONS(X)
#undef X
};

const char *report_action_name(ReportAction action) { return action < REPORT_OTHER_ACTION ? action_names[action] : ""; }

/* ---- Writing ---- */

/* "Name: type;value", if there is a value (RFC 3464 section 2.1.2). */
static void put_typed(Text *to, const char *name, const char *type, Bytes value) {
    if (value.size == 0) return;
    Text all = text_new();
    text_print(&all, "%s;", type);
    text_put_bytes(&all, value);
    header_write_text_field(to, name, bytes_of(all.at, all.size), charset_utf8());
    text_free(&all);
}

static void put_date(Text *to, const char *name, int64_t at_s, int zone_minutes) {
    text_print(to, "%s: ", name);
    date_put(to, at_s, zone_minutes);
    text_put(to, "\r\n");
}

static void put_recipient(Text *to, const ReportRecipient *r, int zone_minutes) {
    text_put(to, "\r\n");
    put_typed(to, "Original-Recipient", "rfc822", r->original_recipient);
    put_typed(to, "Final-Recipient", "rfc822", r->final_recipient);
    text_print(to, "Action: %s\r\n", report_action_name(r->action));
    header_write_text_field(to, "Status", r->status, charset_utf8());
    put_typed(to, "Remote-MTA", "dns", r->remote_mta);
    put_typed(to, "Diagnostic-Code", "smtp", r->diagnostic_code);
    if (r->has_last_attempt) put_date(to, "Last-Attempt-Date", r->last_attempt_at_s, zone_minutes);
    if (r->has_will_retry_until) put_date(to, "Will-Retry-Until", r->will_retry_until_s, zone_minutes);
}

static Bytes status_body(Arena *arena, const ReportDraft *d) {
    const Report *report = &d->report;
    Text to = text_new();
    if (report->original_envelope_id.size > 0)
        header_write_text_field(&to, "Original-Envelope-Id", report->original_envelope_id, charset_utf8());
    put_typed(&to, "Reporting-MTA", "dns", report->reporting_mta);
    if (report->has_arrival_date) put_date(&to, "Arrival-Date", report->arrival_at_s, d->zone_minutes);
    for (size_t i = 0; i < report->recipient_count; i++) put_recipient(&to, &report->recipients[i], d->zone_minutes);
    return mail_keep_text(arena, &to);
}

/* The message it is about, fit for 7 bits, or its header. */
static Entity *returned_part(Arena *arena, const ReportDraft *d) {
    Bytes octets = canonical_lines(arena, d->message);
    if (d->returns == REPORT_RETURNS_HEADER) {
        Message m = message_read(arena, octets, LINES_CRLF, NULL);
        Bytes header = bytes_slice(octets, m.header.offset, m.header.size);
        return entity_leaf(arena, "text/rfc822-headers", header, true, (MailCarrier){0});
    }
    if (!bytes_is_ascii(octets)) {
        MimeTree tree = mime_read(arena, octets, (MimeRules){.lines = LINES_CRLF}, NULL);
        octets = reencode(arena, &tree, (MailCarrier){0});
    }
    return entity_message(arena, "message/rfc822", octets);
}

static void put_address_field(Arena *arena, Text *to, const char *name, Bytes value) {
    AddressList list = address_list_read(arena, value, 0, NULL);
    HeaderWriter w = header_writer(to, charset_utf8());
    header_write_begin(&w, name);
    header_write_addresses(&w, &list);
    header_write_end(&w);
}

Bytes report_write(Arena *arena, const ReportDraft *d, RandomStream *random) {
    Bytes text = canonical_lines(arena, charset_decode(arena, charset_utf8(), d->text, 0, NULL));
    Entity *all = entity_multipart(arena, "multipart/report");
    entity_parameter(all, "report-type", bytes_text("delivery-status"));
    Entity *human = entity_leaf(arena, "text/plain", text, true, (MailCarrier){0});
    entity_parameter(human, "charset", bytes_text(bytes_is_ascii(text) ? "us-ascii" : "UTF-8"));
    entity_add(all, human);
    entity_add(all, entity_message(arena, "message/delivery-status", status_body(arena, d)));
    entity_add(all, returned_part(arena, d));

    Text to = text_new();
    put_address_field(arena, &to, "From", d->from);
    put_address_field(arena, &to, "To", d->to);
    header_write_text_field(&to, "Subject", d->subject, charset_utf8());
    put_date(&to, "Date", d->at_s, d->zone_minutes);
    text_put(&to, "Message-ID: ");
    message_id_put(&to, d->at_s, random, d->report.reporting_mta);
    text_put(&to, "\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"); /* RFC 3834 section 5 */
    entity_write(&to, all, random, charset_utf8());
    return mail_keep_text(arena, &to);
}

/* ---- Reading ---- */

/* What stands behind "type;". */
static Bytes typed_value(Arena *arena, const HeaderField *field) {
    if (!field) return (Bytes){0};
    Bytes value = header_field_unfold(arena, field);
    const uint8_t *mark = value.size > 0 ? memchr(value.at, ';', value.size) : NULL;
    if (!mark) return value;
    size_t at = (size_t)(mark - value.at) + 1;
    return bytes_trim(bytes_slice(value, at, value.size));
}

static bool date_value(const HeaderField *field, int64_t *at_s, MailFaults *faults) {
    if (!field) return false;
    MailDate date;
    ParseFault fault;
    bool good = date_read(field->value, field->value_offset, &date, &fault, NULL);
    if (good) *at_s = date.at_s;
    else mail_fault(faults, "report.field", field->offset);
    return good;
}

static ReportAction action_value(const HeaderField *field, MailFaults *faults) {
    size_t i = 0;
    while (field && i < REPORT_OTHER_ACTION && !bytes_is(field->value, action_names[i])) i++;
    if (field && i == REPORT_OTHER_ACTION) mail_fault(faults, "report.field", field->offset);
    return field ? (ReportAction)i : REPORT_OTHER_ACTION;
}

static void read_recipient(Arena *arena, const Header *h, Report *report, MailFaults *faults) {
    ReportRecipient r = {.action = action_value(header_find(h, "Action"), faults)};
    r.original_recipient = typed_value(arena, header_find(h, "Original-Recipient"));
    r.final_recipient = typed_value(arena, header_find(h, "Final-Recipient"));
    if (r.final_recipient.size == 0) mail_fault(faults, "report.field", h->offset);
    const HeaderField *status = header_find(h, "Status");
    if (status) r.status = header_field_unfold(arena, status);
    r.remote_mta = typed_value(arena, header_find(h, "Remote-MTA"));
    r.diagnostic_code = typed_value(arena, header_find(h, "Diagnostic-Code"));
    r.has_last_attempt = date_value(header_find(h, "Last-Attempt-Date"), &r.last_attempt_at_s, faults);
    r.has_will_retry_until = date_value(header_find(h, "Will-Retry-Until"), &r.will_retry_until_s, faults);
    report->recipients = mail_grow(arena, report->recipients, &report->recipient_capacity, report->recipient_count + 1,
                                   sizeof r);
    report->recipients[report->recipient_count++] = r;
}

static void read_status(Arena *arena, const MimeTree *tree, const MimePart *part, Report *report, MailFaults *faults) {
    Bytes until = bytes_slice(tree->whole, 0, part->body_offset + part->body.size);
    bool about_message = true;
    for (size_t at = part->body_offset; at < until.size;) {
        Header h = header_read(arena, until, at, LINES_LENIENT, NULL, NULL, faults);
        if (h.end == at) { /* a line that is no field */
            Line line;
            if (!line_next(until, at, LINES_LENIENT, &line)) break;
            h.end = line.next;
        }
        at = h.end;
        if (h.count == 0) continue;
        if (about_message) {
            report->reporting_mta = typed_value(arena, header_find(&h, "Reporting-MTA"));
            const HeaderField *id = header_find(&h, "Original-Envelope-Id");
            if (id) report->original_envelope_id = header_field_unfold(arena, id);
            report->has_arrival_date = date_value(header_find(&h, "Arrival-Date"), &report->arrival_at_s, faults);
            if (report->reporting_mta.size == 0) mail_fault(faults, "report.no_reporting_mta", h.offset);
            about_message = false;
        } else {
            read_recipient(arena, &h, report, faults);
        }
    }
    if (report->recipient_count == 0) mail_fault(faults, "report.no_recipient", until.size);
}

bool report_read(Arena *arena, const MimeTree *tree, ReportRead *read, MailFaults *faults) {
    *read = (ReportRead){0};
    const MimePart *root = tree->root;
    const Parameter *type = parameter_find(&root->parameters, "report-type");
    if (root->type != MIME_MULTIPART || !bytes_is(root->subtype, "report") || !type ||
        !bytes_is(type->value, "delivery-status"))
        return false;
    bool status = false, text = false;
    for (const MimePart *p = root->first; p; p = p->next) {
        bool is_status = p->type == MIME_MESSAGE && bytes_is(p->subtype, "delivery-status");
        bool is_returned = bytes_is(p->subtype, "rfc822") || bytes_is(p->subtype, "rfc822-headers");
        if (is_status && !status) {
            status = true;
            read_status(arena, tree, p, &read->report, faults);
        } else if (is_returned && !read->returned) {
            read->returned = p;
        } else if (p->type == MIME_TEXT && !text) {
            text = true;
            read->text = mime_part_text(arena, p, faults);
        }
    }
    if (!status) mail_fault(faults, "report.no_status", root->offset);
    return true;
}
