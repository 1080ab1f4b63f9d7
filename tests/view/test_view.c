/* The whole picture without a window: nothing overlaps, nothing leaves the window, at any size, in both languages;
 * and the controls do what they say. */
#include "view/scenes.h"
#include "view/tidy.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/random.h"
#include "view/ladder_view.h"
#include "view/playback.h"
#include "view/view.h"
#include "view/words.h"

static View *view_of(const World *world) {
    ViewConfig config = {.trace = world_trace(world),
                         .words = {words[0], words[1]},
                         .titles = {"A lease, step by step", "租用期的一生"}};
    return view_new(&config);
}

static unsigned press_key(View *view, ViewKey key) {
    return view_input(view, &(ViewEvent){.kind = EVENT_KEY, .key = key});
}
static unsigned type(View *view, char c) {
    return view_input(view, &(ViewEvent){.kind = EVENT_TEXT, .text = (uint32_t)c});
}

static bool shows(const DrawList *list, const char *words_sought) {
    size_t size = strlen(words_sought);
    for (size_t i = 0; i < list->count; i++) {
        const DrawItem *item = &list->items[i];
        if (item->kind != DRAW_TEXT) continue;
        for (uint32_t at = 0; at + size <= item->count; at++)
            if (memcmp(list->text + item->start + at, words_sought, size) == 0) return true;
    }
    return false;
}

static void assert_tidy_throughout(const SceneKind *kind) {
    static const int sizes[][2] = {{1024, 640}, {1280, 800}, {1366, 768}, {1920, 1080}};
    static const char *const panels[] = {"stage", "ladder", "machine", "message", "leases", "mail"};
    World *world = kind->build();
    View *view = view_of(world);
    DrawList *list = draw_list_new();
    SimTime end = world_now(world);
    for (Language l = 0; l < LANGUAGE_COUNT; l++) {
        if (l == LANGUAGE_ZH) type(view, 'l');
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
            for (int panel = 0; panel < PANEL_COUNT; panel++)
                for (int step = 0; step <= 24; step++) {
                    view_set_panel(view, (ViewPanel)panel);
                    view_layout(view, (float)sizes[s][0], (float)sizes[s][1]);
                    /* Along the wall axis, where messages are under way, not along the run's own time. */
                    press_key(view, KEY_HOME);
                    for (int i = 0; i < step; i++)
                        press_key(view, KEY_RIGHT), view_advance(view, 0.7), press_key(view, KEY_RIGHT);
                    view_advance(view, 0.4 + 0.05 * step);
                    view_draw(view, list);
                    char where[160];
                    snprintf(where, sizeof where, "%s %s %dx%d %s step %d t=%.4f", kind->name, language_name(l),
                             sizes[s][0], sizes[s][1], panels[panel], step, (double)view_time(view) / 1e9);
                    assert_tidy(list, where);
                }
    }
    view_set_time(view, end);
    view_draw(view, list);
    assert_true(list->count > 20);
    draw_list_free(list);
    view_free(view);
    world_free(world);
}

static void nine_steps_are_tidy(void **state) { (void)state, assert_tidy_throughout(&scene_kinds[0]); }
static void the_relay_is_tidy(void **state) { (void)state, assert_tidy_throughout(&scene_kinds[1]); }
static void six_hosts_are_tidy(void **state) { (void)state, assert_tidy_throughout(&scene_kinds[2]); }
static void twelve_hosts_are_tidy(void **state) { (void)state, assert_tidy_throughout(&scene_kinds[3]); }

static void forty_hosts_stand_apart(void **state) {
    (void)state;
    World *world = scene_crowd(39);
    View *view = view_of(world);
    DrawList *list = draw_list_new();
    view_set_panel(view, PANEL_NONE);
    view_set_time(view, world_now(world));
    view_draw(view, list);
    assert_true(shows(list, "laptop39"));
    assert_true(shows(list, "dhcp1"));
    assert_tidy(list, "forty hosts");
    draw_list_free(list);
    view_free(view);
    world_free(world);
}

static void beats_stop_the_play_and_pages_step_through_them(void **state) {
    (void)state;
    World *world = scene_nine_steps();
    View *view = view_of(world);
    DrawList *list = draw_list_new();
    view_draw(view, list);
    assert_true(shows(list, "The servers passively open"));
    press_key(view, KEY_PAGE_DOWN);
    assert_false(view_rests(view));
    for (int i = 0; i < 2000 && view_advance(view, 0.05); i++) {
    }
    assert_true(view_rests(view));
    assert_int_equal(view_time(view), SIM_SECOND);
    view_draw(view, list);
    assert_true(shows(list, "which has no address yet"));
    /* At the beat, what follows at the same instant has not happened: the client is off. */
    assert_false(shows(list, "SELECTING"));
    press_key(view, KEY_SPACE);
    view_advance(view, 0.7);
    view_draw(view, list);
    assert_true(shows(list, "SELECTING"));
    assert_true(shows(list, "DISCOVER"));
    press_key(view, KEY_PAGE_UP);
    assert_int_equal(view_time(view), SIM_SECOND);
    press_key(view, KEY_PAGE_UP);
    assert_int_equal(view_time(view), 0);
    draw_list_free(list);
    view_free(view);
    world_free(world);
}

static void a_run_that_goes_on_is_played_through_its_beats(void **state) {
    (void)state;
    World *world = scene_nine_steps();
    ViewConfig config = {.trace = world_trace(world), .words = {words[0], words[1]}, .live = true};
    View *view = view_new(&config);
    press_key(view, KEY_SPACE);
    for (int i = 0; i < 10000 && view_advance(view, 0.5); i++) {
    }
    SimTime end = view_time(view);
    view_set_time(view, SIM_NEVER);
    assert_int_equal(end, view_time(view));
    assert_true(end > 10 * SIM_SECOND);
    view_free(view);
    world_free(world);
}

static void scrubbing_back_shows_what_was(void **state) {
    (void)state;
    World *world = scene_nine_steps();
    View *view = view_of(world);
    DrawList *list = draw_list_new();
    view_set_panel(view, PANEL_LEASES);
    view_set_time(view, 20 * SIM_SECOND);
    view_draw(view, list);
    assert_true(shows(list, "192.168.1.100"));
    assert_true(shows(list, "BOUND"));
    view_set_time(view, SIM_SECOND / 2);
    view_draw(view, list);
    assert_false(shows(list, "192.168.1.100"));
    assert_true(shows(list, "Nobody holds a lease."));
    draw_list_free(list);
    view_free(view);
    world_free(world);
}

static void languages_and_themes_switch_while_it_runs(void **state) {
    (void)state;
    World *world = scene_nine_steps();
    View *view = view_of(world);
    DrawList *list = draw_list_new();
    Color ground = view_ground(view);
    assert_int_equal(type(view, 'l'), VIEW_CHANGED);
    view_draw(view, list);
    assert_true(shows(list, "租用期的一生"));
    assert_true(shows(list, "服务器被动打开"));
    type(view, 't');
    assert_int_not_equal(view_ground(view), ground);
    draw_list_free(list);
    view_free(view);
    world_free(world);
}

/* The middle of the first run with these words, to be clicked. */
static Point place_of(const DrawList *list, const char *text) {
    for (size_t i = 0; i < list->count; i++) {
        const DrawItem *item = &list->items[i];
        if (item->kind == DRAW_TEXT && item->count == strlen(text) &&
            memcmp(list->text + item->start, text, item->count) == 0)
            return (Point){item->box.x + item->box.w / 2, item->box.y + item->box.h / 2};
    }
    fail_msg("nothing shows \"%s\"", text);
    return (Point){0, 0};
}

static void click(View *view, Point at) {
    view_input(view, &(ViewEvent){.kind = EVENT_PRESS, .x = at.x, .y = at.y});
    view_input(view, &(ViewEvent){.kind = EVENT_RELEASE, .x = at.x, .y = at.y});
}

static void a_message_tells_its_fields_octets_and_causes(void **state) {
    (void)state;
    World *world = scene_nine_steps();
    View *view = view_of(world);
    DrawList *list = draw_list_new();
    view_layout(view, 1280, 800);
    view_set_time(view, 2 * SIM_SECOND + SIM_SECOND / 2);
    assert_true(view_select_message(view, "REQUEST"));
    view_set_panel(view, PANEL_MESSAGE);
    view_draw(view, list);
    assert_true(shows(list, "pc1 sent REQUEST"));
    assert_true(shows(list, "SELECTING \xE2\x86\x92 REQUESTING"));
    assert_true(shows(list, "chaddr") || shows(list, "xid"));
    /* Hovering a field lights its octets: the operation code, the first octet behind the UDP header. */
    Point op = place_of(list, "op");
    Color accent = theme_get(THEME_LIGHT)->accent;
    int lit_before = 0, lit = 0;
    for (size_t i = 0; i < list->count; i++)
        lit_before += list->items[i].kind == DRAW_BOX && list->items[i].fill == accent && list->items[i].box.h < 25;
    view_input(view, &(ViewEvent){.kind = EVENT_MOVE, .x = op.x, .y = op.y});
    view_draw(view, list);
    for (size_t i = 0; i < list->count; i++)
        lit += list->items[i].kind == DRAW_BOX && list->items[i].fill == accent && list->items[i].box.h < 25;
    assert_int_equal(lit, lit_before + 1);
    /* A click on its heading unfolds the IPv4 layer. */
    assert_false(shows(list, "0x0800"));
    click(view, place_of(list, "Ethernet"));
    view_draw(view, list);
    assert_true(shows(list, "0x0800"));
    draw_list_free(list);
    view_free(view);
    world_free(world);
}

static void a_click_on_a_host_shows_its_machine(void **state) {
    (void)state;
    World *world = scene_nine_steps();
    View *view = view_of(world);
    DrawList *list = draw_list_new();
    view_layout(view, 1280, 800);
    view_set_panel(view, PANEL_NONE);
    view_set_time(view, 20 * SIM_SECOND);
    view_draw(view, list);
    assert_false(shows(list, "REBINDING"));
    click(view, place_of(list, "pc1"));
    view_draw(view, list);
    assert_true(shows(list, "REBINDING"));
    assert_true(shows(list, "dhcp.client"));
    draw_list_free(list);
    view_free(view);
    world_free(world);
}

static void the_timeline_is_dragged(void **state) {
    (void)state;
    World *world = scene_nine_steps();
    View *view = view_of(world);
    DrawList *list = draw_list_new();
    view_layout(view, 1280, 800);
    view_draw(view, list);
    float y = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind == DRAW_ZONE && list->items[i].box.w > 1000)
            y = list->items[i].box.y + list->items[i].box.h / 2;
    assert_true(y > 700);
    view_input(view, &(ViewEvent){.kind = EVENT_PRESS, .x = 100, .y = y});
    SimTime early = view_time(view);
    view_input(view, &(ViewEvent){.kind = EVENT_MOVE, .x = 1200, .y = 10});
    SimTime late = view_time(view);
    view_input(view, &(ViewEvent){.kind = EVENT_RELEASE});
    assert_true(late > early);
    view_input(view, &(ViewEvent){.kind = EVENT_MOVE, .x = 100, .y = y});
    assert_int_equal(view_time(view), late);
    draw_list_free(list);
    view_free(view);
    world_free(world);
}

static void a_schedule_never_runs_backwards_and_finds_its_way_back(void **state) {
    (void)state;
    World *world = scene_crowd(6);
    Story *story = story_new(world_trace(world));
    for (Pace pace = PACE_EVENTS; pace <= PACE_CLOCK; pace++) {
        Schedule schedule;
        schedule_build(&schedule, story, pace, false);
        Place before = {-1, 0};
        for (int i = 0; i <= 3000; i++) {
            Place place = schedule_place(&schedule, story, schedule.length * i / 3000, NULL);
            assert_true(place.t >= before.t);
            assert_true(place.seq_end >= before.seq_end);
            before = place;
        }
        assert_int_equal(before.t, story->end_at);
        assert_int_equal(before.seq_end, trace_count(story->trace));
        for (SimTime t = 0; t <= story->end_at; t += story->end_at / 97) {
            SimTime again = schedule_place(&schedule, story, schedule_position(&schedule, t), NULL).t;
            assert_in_range(again - t + 1000, 0, 2000); /* within a microsecond */
        }
        schedule_free(&schedule);
    }
    story_free(story);
    world_free(world);
}

static void every_hop_gets_its_share_of_wall_time(void **state) {
    (void)state;
    World *world = scene_nine_steps();
    Story *story = story_new(world_trace(world));
    Schedule schedule;
    schedule_build(&schedule, story, PACE_EVENTS, false);
    int major = 0;
    for (size_t i = 0; i < story->transit_count; i++) {
        const StoryTransit *t = &story->transits[i];
        double wall = schedule_position(&schedule, t->to_at) - schedule_position(&schedule, t->from_at);
        if (story->messages[t->message].weight != WEIGHT_MAJOR) continue;
        major++;
        assert_true(wall >= 1.0 && wall < 4);
    }
    assert_true(major >= 16);
    /* The 28 s before T1 take less than three seconds to watch. */
    assert_true(schedule_position(&schedule, 31 * SIM_SECOND) - schedule_position(&schedule, 14 * SIM_SECOND) < 3);
    schedule_free(&schedule);
    story_free(story);
    world_free(world);
}

static void the_story_knows_who_took_a_broadcast_and_who_let_it_pass(void **state) {
    (void)state;
    World *world = scene_nine_steps();
    Story *story = story_new(world_trace(world));
    const StoryMessage *discover = NULL;
    for (size_t i = 0; i < story->message_count && !discover; i++)
        if (strcmp(story->messages[i].name, "DISCOVER") == 0) discover = &story->messages[i];
    assert_non_null(discover);
    assert_true(discover->broadcast);
    assert_string_equal(story_node_name(story, discover->sender), "pc1");
    int taken = 0, passed = 0;
    for (uint32_t i = 0; i < discover->count; i++) {
        const StoryTransit *t = &story->transits[story->by_message[discover->first + i]];
        const char *to = story_node_name(story, t->to);
        if (t->taken && strncmp(to, "dhcp", 4) == 0) taken++;
        if (!t->taken) passed++;
    }
    assert_int_equal(discover->count, 5); /* to the switch, and from it to four others */
    assert_int_equal(taken, 2);
    assert_int_equal(passed, 2);
    story_free(story);
    world_free(world);
}

static void the_ladder_grows_with_time(void **state) {
    (void)state;
    World *world = scene_nine_steps();
    View *view = view_of(world);
    DrawList *list = draw_list_new();
    view_layout(view, 1280, 800);
    view_set_time(view, SIM_SECOND / 2);
    view_draw(view, list);
    assert_true(shows(list, "Servers"));
    assert_false(shows(list, "RELEASE"));
    view_set_time(view, world_now(world));
    view_draw(view, list);
    assert_true(shows(list, "RELEASE"));
    draw_list_free(list);
    view_free(view);
    world_free(world);
}

/* Whatever is pressed, typed, clicked or dragged, at any size, drawn or not in between. */
static void any_input_is_survived(void **state) {
    (void)state;
    RandomStream luck = random_stream(1, "any_input", "view");
    for (int k = 0; k < SCENE_KINDS - 1; k++) {
        World *world = scene_kinds[k].build();
        View *view = view_of(world);
        DrawList *list = draw_list_new();
        float width = 1280, height = 800;
        for (int i = 0; i < 3000; i++) {
            ViewEvent event = {.kind = (ViewEventKind)random_below(&luck, 6),
                               .key = (ViewKey)random_below(&luck, KEY_F11 + 1),
                               .text = (uint32_t)random_between(&luck, ' ', '~'),
                               .x = (float)random_between(&luck, -20, (int64_t)width + 20),
                               .y = (float)random_between(&luck, -20, (int64_t)height + 20),
                               .wheel = (float)random_between(&luck, -3, 3)};
            view_input(view, &event);
            if (random_below(&luck, 4) == 0) view_advance(view, 0.1);
            if (random_below(&luck, 50) == 0) {
                width = (float)random_between(&luck, 320, 2600), height = (float)random_between(&luck, 240, 1500);
                view_layout(view, width, height);
            }
            if (random_below(&luck, 3) == 0) view_draw(view, list);
        }
        view_draw(view, list);
        assert_true(list->count > 20);
        draw_list_free(list);
        view_free(view);
        world_free(world);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nine_steps_are_tidy),
        cmocka_unit_test(the_relay_is_tidy),
        cmocka_unit_test(six_hosts_are_tidy),
        cmocka_unit_test(twelve_hosts_are_tidy),
        cmocka_unit_test(forty_hosts_stand_apart),
        cmocka_unit_test(beats_stop_the_play_and_pages_step_through_them),
        cmocka_unit_test(a_run_that_goes_on_is_played_through_its_beats),
        cmocka_unit_test(scrubbing_back_shows_what_was),
        cmocka_unit_test(languages_and_themes_switch_while_it_runs),
        cmocka_unit_test(a_message_tells_its_fields_octets_and_causes),
        cmocka_unit_test(a_click_on_a_host_shows_its_machine),
        cmocka_unit_test(the_timeline_is_dragged),
        cmocka_unit_test(a_schedule_never_runs_backwards_and_finds_its_way_back),
        cmocka_unit_test(every_hop_gets_its_share_of_wall_time),
        cmocka_unit_test(the_story_knows_who_took_a_broadcast_and_who_let_it_pass),
        cmocka_unit_test(the_ladder_grows_with_time),
        cmocka_unit_test(any_input_is_survived),
    };
    return cmocka_run_group_tests(tests, load_words, free_words);
}
