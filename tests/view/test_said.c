/* The Message panel on what SMTP says: each of the replies with its digits, REST explained, several messages in one
 * segment, and the segment itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "observe/record.h"
#include "script/session.h"
#include "view/panels.h"
#include "view/words.h"

typedef struct {
    Session *session;
    Story *story;
    Timeline *timeline;
    MessagePanel panel;
    DrawList *list;
    Language language;
} Shown;

static Shown shown_open(const char *scenario) {
    Shown shown = {.panel = {.message = STORY_NONE}, .list = draw_list_new()};
    Text path = text_new(), error = text_new();
    text_print(&path, NETSTAGE_SOURCE "/scenarios/mail/%s.lua", scenario);
    SessionOptions options = session_options_default();
    shown.session = session_open(text_get(&path), &options, &error);
    if (!shown.session) fail_msg("%s", text_get(&error));
    assert_int_not_equal(session_run(shown.session, SIM_NEVER), SESSION_FAILED);
    shown.story = story_new(session_trace(shown.session));
    shown.timeline = timeline_new(session_trace(shown.session));
    text_free(&path);
    text_free(&error);
    return shown;
}

static void shown_close(Shown *shown) {
    message_panel_free(&shown->panel);
    story_free(shown->story);
    timeline_free(shown->timeline);
    session_free(shown->session);
    draw_list_free(shown->list);
}

static void draw(Shown *shown) {
    Scene scene = {.story = shown->story, .timeline = shown->timeline};
    draw_list_clear(shown->list, 1280, 800);
    Pen pen = {shown->list, theme_get(THEME_LIGHT), type_scale(1280, 800), words[shown->language], shown->language};
    message_panel_draw(&shown->panel, &scene, &pen, (Rect){820, 52, 440, 640});
}

static bool shows(const Shown *shown, const char *sought) {
    size_t size = strlen(sought);
    for (size_t i = 0; i < shown->list->count; i++) {
        const DrawItem *item = &shown->list->items[i];
        if (item->kind == DRAW_TEXT && item->count >= size &&
            memcmp(shown->list->text + item->start, sought, size) == 0)
            return true;
    }
    return false;
}

/* The first words of an explanation, as far as a line surely goes. */
static void assert_shows_words(const Shown *shown, const char *key) {
    const char *text = strings_find(words[shown->language], key);
    char start[13];
    if (!text) fail_msg("no words for %s", key);
    size_t size = strlen(text) < 12 ? strlen(text) : 12;
    while (((uint8_t)text[size] & 0xC0) == 0x80) size--;
    memcpy(start, text, size);
    start[size] = 0;
    if (!shows(shown, start)) fail_msg("%s is not shown: %s", key, start);
}

static void assert_digits_are_explained(Shown *shown, const char *code) {
    char key[24] = "said.digit1.";
    key[12] = code[0];
    assert_shows_words(shown, key);
    key[10] = '2';
    key[12] = code[1];
    assert_shows_words(shown, key);
    assert_shows_words(shown, "said.digit3");
}

static void every_reply_explains_itself_and_its_digits(void **state) {
    (void)state;
    static const char *const codes[] = {"211", "214", "220", "221", "250", "251", "354", "421", "450", "451", "452",
                                        "500", "501", "502", "503", "504", "550", "551", "552", "553", "554"};
    bool seen[sizeof codes / sizeof codes[0]] = {false};
    Shown shown = shown_open("every-reply-code");
    for (uint32_t i = 0; i < shown.story->message_count; i++) {
        const StoryMessage *m = &shown.story->messages[i];
        if (m->said == STORY_NONE || m->several) continue;
        for (size_t c = 0; c < sizeof codes / sizeof codes[0]; c++) {
            if (strcmp(m->name, codes[c]) != 0) continue;
            seen[c] = true;
            for (shown.language = 0; shown.language < LANGUAGE_COUNT; shown.language++) {
                char key[20] = "smtp.";
                strcat(key, codes[c]);
                assert_non_null(strings_find_in(words[shown.language], "explain", key));
                message_panel_show(&shown.panel, shown.story, i);
                draw(&shown);
                assert_digits_are_explained(&shown, codes[c]);
            }
        }
    }
    for (size_t c = 0; c < sizeof codes / sizeof codes[0]; c++)
        if (!seen[c]) fail_msg("%s was never said", codes[c]);
    shown_close(&shown);
}

static void rest_is_told_from_rset(void **state) {
    (void)state;
    Shown shown = shown_open("every-reply-code");
    bool met = false;
    for (uint32_t i = 0; i < shown.story->message_count; i++) {
        const StoryMessage *m = &shown.story->messages[i];
        if (m->said == STORY_NONE || strcmp(m->name, "500") != 0) continue;
        message_panel_show(&shown.panel, shown.story, i);
        draw(&shown);
        if (!shows(&shown, "answers  REST")) continue;
        met = true;
        assert_true(shows(&shown, "There is no command REST"));
    }
    assert_true(met);
    shown_close(&shown);
}

static void a_segment_with_several_turns_from_one_to_the_next_and_to_itself(void **state) {
    (void)state;
    Shown shown = shown_open("pipelining");
    uint32_t message = STORY_NONE;
    for (uint32_t i = 0; i < shown.story->message_count && message == STORY_NONE; i++)
        if (shown.story->messages[i].several && strncmp(shown.story->messages[i].name, "MAIL RCPT", 9) == 0)
            message = i;
    assert_int_not_equal(message, STORY_NONE);
    message_panel_show(&shown.panel, shown.story, message);
    assert_int_equal(shown.panel.carried_count, 5);
    draw(&shown);
    assert_true(shows(&shown, "MAIL FROM:<alice@crepes.fr>"));
    message_panel_turn(&shown.panel, shown.story, 3);
    draw(&shown);
    assert_true(shows(&shown, "RCPT TO:<dave@hamburger.edu>"));
    assert_string_equal(shown.panel.description.protocol, "smtp");
    message_panel_turn(&shown.panel, shown.story, 5);
    draw(&shown);
    assert_string_equal(shown.panel.description.protocol, "tcp");
    assert_non_null(description_find(&shown.panel.description, "tcp.seq"));
    message_panel_turn(&shown.panel, shown.story, 0);
    assert_string_equal(shown.panel.description.protocol, "smtp");
    shown_close(&shown);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reply_explains_itself_and_its_digits),
        cmocka_unit_test(rest_is_told_from_rset),
        cmocka_unit_test(a_segment_with_several_turns_from_one_to_the_next_and_to_itself),
    };
    return cmocka_run_group_tests(tests, load_words, free_words);
}
