/* The list that the program opens with. */
#include "view/tidy.h"

#include <stdio.h>

#include "view/chooser.h"
#include "view/words.h"

static const ChooserEntry entries[] = {
    {"dhcp", "nine-steps.lua", {"DHCP in nine steps", "DHCP 的九个步骤"}, {"Click by click.", "逐步点击。"}},
    {"dhcp",
     "relay.lua",
     {"A relay agent", "中继代理"},
     {"The broadcast ends at the router; a relay agent carries it on, stamps it with its own address, and hands the answer "
      "back to a client that has no address yet.",
      "广播到路由器为止。"}},
    {"dhcp", "broken.lua", {"", ""}, {"broken.lua:3: pools: a list expected", "broken.lua:3: pools: a list expected"}},
    {"dhcp", "renew.lua", {"Renewing", "续租"}, {"At T1.", "到 T1。"}},
    {"smtp", "hamburger.lua", {"Ketchup", "番茄酱"}, {"A dialogue.", "一段对话。"}},
};
enum { COUNT = sizeof entries / sizeof entries[0] };

static Chooser *new_chooser(void) {
    const Strings *both[LANGUAGE_COUNT] = {words[0], words[1]};
    return chooser_new(entries, COUNT, both, LANGUAGE_EN, THEME_LIGHT, 0);
}

static unsigned key(Chooser *c, ViewKey code) { return chooser_input(c, &(ViewEvent){.kind = EVENT_KEY, .key = code}); }

static void it_is_tidy_at_any_size(void **state) {
    (void)state;
    static const int sizes[][2] = {{1024, 640}, {1280, 800}, {1920, 1080}};
    Chooser *c = new_chooser();
    DrawList *list = draw_list_new();
    for (int l = 0; l < 2; l++) {
        for (int s = 0; s < 3; s++) {
            chooser_layout(c, (float)sizes[s][0], (float)sizes[s][1]);
            for (int step = 0; step < COUNT; step++) {
                chooser_draw(c, list);
                assert_tidy(list, "chooser");
                key(c, KEY_RIGHT);
            }
            key(c, KEY_HOME);
        }
        chooser_input(c, &(ViewEvent){.kind = EVENT_TEXT, .text = 'l'});
    }
    assert_int_equal(chooser_language(c), LANGUAGE_EN);
    draw_list_free(list);
    chooser_free(c);
}

static void keys_choose(void **state) {
    (void)state;
    Chooser *c = new_chooser();
    DrawList *list = draw_list_new();
    chooser_draw(c, list);
    assert_int_equal(key(c, KEY_LEFT), VIEW_SAME);
    key(c, KEY_RIGHT);
    assert_int_equal(chooser_take(c), SIZE_MAX);
    assert_true(key(c, KEY_ENTER) & VIEW_QUIT);
    assert_int_equal(chooser_take(c), 1);
    key(c, KEY_END);
    key(c, KEY_ENTER);
    assert_int_equal(chooser_take(c), COUNT - 1);
    draw_list_free(list);
    chooser_free(c);
}

static void a_click_chooses_what_lies_under_it(void **state) {
    (void)state;
    Chooser *c = new_chooser();
    DrawList *list = draw_list_new();
    chooser_layout(c, 1280, 800);
    chooser_draw(c, list);
    Point at = {0, 0};
    for (size_t i = 0; i < list->count; i++) {
        const DrawItem *item = &list->items[i];
        if (item->kind == DRAW_TEXT && item->count == 8 && memcmp(list->text + item->start, "Renewing", 8) == 0)
            at = (Point){item->box.x + 5, item->box.y + 5};
    }
    assert_true(at.x > 0);
    unsigned answer = chooser_input(c, &(ViewEvent){.kind = EVENT_PRESS, .x = at.x, .y = at.y});
    assert_true(answer & VIEW_QUIT);
    assert_int_equal(chooser_take(c), 3);
    assert_int_equal(chooser_input(c, &(ViewEvent){.kind = EVENT_PRESS, .x = 1270, .y = 700}), VIEW_SAME);
    draw_list_free(list);
    chooser_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_tidy_at_any_size),
        cmocka_unit_test(keys_choose),
        cmocka_unit_test(a_click_chooses_what_lies_under_it),
    };
    return cmocka_run_group_tests(tests, load_words, free_words);
}
