/* The scenario: what it is made of, and its script. */
#include "script/session_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/dhcp/client.h"

/* ---- The network ---- */

static const char *const attach_names[][2] = {{"lan", "on"}, {NULL, NULL}};

static void limit_nodes(lua_State *L, Session *s, const char *call) {
    if (++s->host_count > SESSION_HOSTS_MOST)
        api_fail(L, s, call, "", "too many hosts and LANs: at most %d", SESSION_HOSTS_MOST);
}

/* The name in the map, for the command that follows; the world says what is wrong with one that is none. */
static const char *name_of(const Value *map) {
    const Value *name = value_get(map, "name");
    return name && name->kind == VALUE_TEXT ? name->text : "";
}

static int scenario_lan(lua_State *L) {
    Session *s = api_self(L, OBJECT_SCENARIO, "lan")->session;
    limit_nodes(L, s, "lan");
    Value map = api_table(L, s, 2, "lan", false);
    api_put_text(s, &map, "do", "lan");
    api_command(L, s, &map, "lan", "", NULL);
    api_push_object(L, s, OBJECT_LAN, world_find(s->world, name_of(&map)));
    return 1;
}

/* The host itself, without its cables: from the fields `name` and whether it forwards. */
static const char *make_node(lua_State *L, Session *s, Value *map, const char *call, bool router) {
    limit_nodes(L, s, call);
    Value command = value_map(), name = api_take(s, map, "name");
    api_put_text(s, &command, "do", "host");
    if (name.kind != VALUE_NONE) api_put(s, &command, "name", name);
    api_put(s, &command, "router", value_truth(router));
    api_command(L, s, &command, call, "", NULL);
    return name_of(&command);
}

static void attach(lua_State *L, Session *s, const char *host, Value *map, const char *call, const char *prefix) {
    Value lan = api_take(s, map, "on");
    if (lan.kind == VALUE_NONE) {
        static const char *const known[] = {"name", "on",  "address", "interface", "router",
                                            "dns",  "mac", "latency", "bandwidth"};
        if (prefix[0] == '\0') api_no_others(L, s, map, call, known, sizeof known / sizeof known[0]);
        api_fail(L, s, call, prefix, "it says not which LAN it is on:  on = lan");
    }
    api_put_text(s, map, "do", "attach");
    api_put_text(s, map, "host", host);
    api_put(s, map, "lan", lan);
    api_command(L, s, map, call, prefix, attach_names);
}

static int scenario_host(lua_State *L) {
    Session *s = api_self(L, OBJECT_SCENARIO, "host")->session;
    Value map = api_table(L, s, 2, "host", false);
    const char *name = make_node(L, s, &map, "host", false);
    if (map.count > 0) attach(L, s, name, &map, "host", "");
    api_push_object(L, s, OBJECT_HOST, world_find(s->world, name));
    return 1;
}

static Value take_list(lua_State *L, Session *s, Value *map, const char *call, const char *field, const char *example) {
    Value list = api_take(s, map, field);
    if (list.kind == VALUE_NONE) return value_list();
    if (list.kind != VALUE_LIST) api_fail(L, s, call, field, "a list expected:  %s", example);
    for (size_t i = 0; i < list.count; i++) {
        if (list.items[i].kind == VALUE_MAP) continue;
        char place[64];
        snprintf(place, sizeof place, "%s[%zu]", field, i + 1);
        api_fail(L, s, call, place, "a table expected:  %s", example);
    }
    return list;
}

static int scenario_router(lua_State *L) {
    static const char *const known[] = {"name", "interfaces", "routes"};
    Session *s = api_self(L, OBJECT_SCENARIO, "router")->session;
    Value map = api_table(L, s, 2, "router", false);
    Value interfaces =
        take_list(L, s, &map, "router", "interfaces", "interfaces = { { on = lan1, address = \"192.168.1.254\" } }");
    Value routes =
        take_list(L, s, &map, "router", "routes", "routes = { { to = \"10.0.0.0/8\", via = \"192.168.1.1\" } }");
    const char *name = make_node(L, s, &map, "router", true);
    api_no_others(L, s, &map, "router", known, sizeof known / sizeof known[0]);
    char place[64];
    for (size_t i = 0; i < interfaces.count; i++) {
        snprintf(place, sizeof place, "interfaces[%zu]", i + 1);
        attach(L, s, name, &interfaces.items[i], "router", place);
    }
    for (size_t i = 0; i < routes.count; i++) {
        snprintf(place, sizeof place, "routes[%zu]", i + 1);
        api_put_text(s, &routes.items[i], "do", "route");
        api_put_text(s, &routes.items[i], "host", name);
        api_command(L, s, &routes.items[i], "router", place, NULL);
    }
    api_push_object(L, s, OBJECT_HOST, world_find(s->world, name));
    return 1;
}

static int plain_command(lua_State *L, const char *name) {
    Session *s = api_self(L, OBJECT_SCENARIO, name)->session;
    Value map = api_table(L, s, 2, name, false);
    api_put_text(s, &map, "do", name);
    api_command(L, s, &map, name, "", NULL);
    return 0;
}

static int scenario_link(lua_State *L) { return plain_command(L, "link"); }
static int scenario_frame(lua_State *L) { return plain_command(L, "frame"); }

/* ---- Settings: what --set may change ---- */

static const SessionOverride *find_override(Session *s, const char *name) {
    for (size_t i = s->options.override_count; i-- > 0;) {
        if (strcmp(s->options.overrides[i].key, name) != 0) continue;
        for (size_t k = 0; k <= i; k++)
            if (strcmp(s->options.overrides[k].key, name) == 0) s->override_used[k] = true;
        return &s->options.overrides[i];
    }
    return NULL;
}

static const SessionSetting *find_setting(const Session *s, const char *name) {
    for (size_t i = 0; i < s->setting_count; i++)
        if (strcmp(s->settings[i].name, name) == 0) return &s->settings[i];
    return NULL;
}

/* The override has the type of the default. */
static Value typed_override(lua_State *L, Session *s, const SessionOverride *override, ValueKind kind) {
    const char *text = override->value;
    if (kind == VALUE_TEXT) return value_text(s->scratch, text);
    if (kind == VALUE_TRUTH && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
        return value_truth(text[0] == 't');
    if (kind == VALUE_NUMBER) {
        char *end;
        long long number = strtoll(text, &end, 10);
        if (end != text && *end == '\0') return value_number(number);
    }
    api_fail(L, s, "setting", "", "--set %s=%s: %s expected, as its default is", override->key, text,
             kind == VALUE_TRUTH ? "true or false" : "a whole number");
}

static void push_setting(lua_State *L, const Value *value) {
    if (value->kind == VALUE_TRUTH)
        lua_pushboolean(L, value->truth);
    else if (value->kind == VALUE_NUMBER)
        lua_pushinteger(L, value->number);
    else
        lua_pushlstring(L, value->text, value->text_size);
}

static int scenario_setting(lua_State *L) {
    static const char *const known[] = {"name", "default", "en", "zh"};
    Session *s = api_self(L, OBJECT_SCENARIO, "setting")->session;
    Value map = api_table(L, s, 2, "setting", false);
    Value name = api_take(s, &map, "name"), value = api_take(s, &map, "default");
    Value en = api_take(s, &map, "en"), zh = api_take(s, &map, "zh");
    api_no_others(L, s, &map, "setting", known, sizeof known / sizeof known[0]);
    if (name.kind != VALUE_TEXT || !name.text[0])
        api_fail(L, s, "setting", "name", "a name expected: name = \"lease\"");
    if (find_setting(s, name.text)) api_fail(L, s, "setting", "name", "there is a setting \"%s\" already", name.text);
    if (value.kind != VALUE_TEXT && value.kind != VALUE_NUMBER && value.kind != VALUE_TRUTH)
        api_fail(L, s, "setting", "default", "a text, a whole number, true or false expected");
    const SessionOverride *override = find_override(s, name.text);
    if (override) value = typed_override(L, s, override, value.kind);
    Text shown = text_new();
    if (value.kind == VALUE_TEXT)
        text_put_n(&shown, value.text, value.text_size);
    else
        value_print(&shown, &value);
    s->settings = array_grow(s->settings, &s->setting_capacity, s->setting_count + 1, sizeof *s->settings);
    s->settings[s->setting_count++] = (SessionSetting){
        .name = arena_text(s->arena, name.text),
        .value = arena_text(s->arena, text_get(&shown)),
        .en = en.kind == VALUE_TEXT ? arena_text(s->arena, en.text) : "",
        .zh = zh.kind == VALUE_TEXT ? arena_text(s->arena, zh.text) : "",
    };
    text_free(&shown);
    push_setting(L, &value);
    lua_pushfstring(L, "netstage.setting.%s", name.text);
    lua_pushvalue(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
    return 1;
}

/* s.set.NAME: the key is at 2. */
static void push_set_value(lua_State *L, Session *s, uint32_t index) {
    (void)index;
    const char *key = luaL_checkstring(L, 2);
    if (!find_setting(s, key)) {
        const char *names[64];
        size_t count = 0;
        for (size_t i = 0; i < s->setting_count && count < 64; i++) names[count++] = s->settings[i].name;
        const char *nearest = text_nearest(key, names, count);
        if (nearest) luaL_error(L, "there is no setting \"%s\"; did you mean \"%s\"?", key, nearest);
        luaL_error(L, "there is no setting \"%s\": declare it by  s:setting { name = \"%s\", default = … }", key, key);
    }
    lua_pushfstring(L, "netstage.setting.%s", key);
    lua_rawget(L, LUA_REGISTRYINDEX);
}

/* ---- The script ---- */

static int scenario_script(lua_State *L) {
    Session *s = api_self(L, OBJECT_SCENARIO, "script")->session;
    if (!lua_isfunction(L, 2))
        api_fail(L, s, "script", "", "s:script(function() … end) expected, %s given", luaL_typename(L, 2));
    api_may_change(L, s, "script");
    s->has_script = true;
    lua_settop(L, 2);
    session_add_script(L, s, 0, -1);
    return 0;
}

/* s:after("3s", function() … end): a timer. */
static int scenario_after(lua_State *L) {
    Session *s = api_self(L, OBJECT_SCENARIO, "after")->session;
    if (!lua_isfunction(L, 3))
        api_fail(L, s, "after", "", "s:after(\"3s\", function() … end) expected, %s given", luaL_typename(L, 3));
    api_may_change(L, s, "after");
    SimTime span = api_span(L, s, 2, "after", "");
    lua_settop(L, 3);
    session_add_script(L, s, 0, span);
    return 0;
}

static int scenario_wait(lua_State *L) {
    Session *s = api_self(L, OBJECT_SCENARIO, "wait")->session;
    return session_wait(L, s, api_span(L, s, 2, "wait", ""));
}

static int scenario_wait_until(lua_State *L) {
    Session *s = api_self(L, OBJECT_SCENARIO, "wait_until")->session;
    if (!lua_isfunction(L, 2) || lua_isnoneornil(L, 3))
        api_fail(L, s, "wait_until", "",
                 "s:wait_until(function() return … end, \"10s\") expected: what to wait for, and how long at most");
    return session_wait_until(L, s, 2, api_span(L, s, 3, "wait_until", ""));
}

/* ---- Waiting for what a lecture waits for ---- */

/* Upvalue: the query. */
static int message_seen(lua_State *L) {
    lua_getfield(L, 1, "messages");
    lua_pushvalue(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_call(L, 2, 1);
    lua_pushboolean(L, lua_rawlen(L, -1) > 0);
    return 1;
}

/* Takes `within` out of the table at 2: a copy of it is left at the top. */
static SimTime query_and_timeout(lua_State *L, Session *s, const char *call) {
    lua_newtable(L);
    int copy = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, 2);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, copy);
    }
    if (lua_getfield(L, copy, "within") == LUA_TNIL)
        api_fail(L, s, call, "", "how long at most? s:%s { …, within = \"10s\" } expected", call);
    SimTime timeout = api_span(L, s, -1, call, "within");
    lua_pushnil(L);
    lua_setfield(L, copy, "within");
    lua_settop(L, copy);
    return timeout;
}

static int scenario_wait_message(lua_State *L) {
    Session *s = api_self(L, OBJECT_SCENARIO, "wait_message")->session;
    if (!lua_istable(L, 2))
        api_fail(L, s, "wait_message", "",
                 "s:wait_message { name = \"OFFER\", from = server, within = \"10s\" } expected");
    SimTime timeout = query_and_timeout(L, s, "wait_message");
    lua_pushinteger(L, (lua_Integer)trace_count(world_trace(s->world)));
    lua_setfield(L, -2, "after");
    lua_replace(L, 2);
    /* A mistake in the query shows here, not in the midst of the run. */
    api_check_message_query(L, s, "wait_message");
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, message_seen, 1);
    return session_wait_until(L, s, lua_gettop(L), timeout);
}

/* Upvalues: host.dhcp, the state. */
static int in_state(lua_State *L) {
    lua_getfield(L, lua_upvalueindex(1), "state");
    lua_pushboolean(L, lua_rawequal(L, -1, lua_upvalueindex(2)));
    return 1;
}

static int scenario_wait_state(lua_State *L) {
    Session *s = api_self(L, OBJECT_SCENARIO, "wait_state")->session;
    const Object *host = api_object(L, 2, OBJECT_HOST);
    if (!host || lua_type(L, 3) != LUA_TSTRING || lua_isnoneornil(L, 4))
        api_fail(L, s, "wait_state", "",
                 "s:wait_state(pc, \"BOUND\", \"10s\") expected: the host, the state, and how long at most");
    const char *state = lua_tostring(L, 3);
    bool known = false;
    for (size_t i = 0; i < dhcp_client_spec.state_count; i++)
        known = known || strcmp(dhcp_client_spec.states[i], state) == 0;
    if (!known) {
        const char *nearest = text_nearest(state, dhcp_client_spec.states, dhcp_client_spec.state_count);
        api_fail(L, s, "wait_state", "", "a DHCP client is never in a state \"%s\"%s%s%s", state,
                 nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
    }
    SimTime timeout = api_span(L, s, 4, "wait_state", "");
    lua_getfield(L, 2, "dhcp");
    lua_pushvalue(L, 3);
    lua_pushcclosure(L, in_state, 2);
    return session_wait_until(L, s, lua_gettop(L), timeout);
}

/* ---- Words ---- */

/* A text in English, or { en = "…", zh = "…" }. */
static Value words(lua_State *L, Session *s, int index, const char *call) {
    if (lua_type(L, index) == LUA_TSTRING) {
        lua_createtable(L, 0, 1);
        lua_pushvalue(L, index);
        lua_setfield(L, -2, "en");
        lua_replace(L, index);
    }
    Value map = api_table(L, s, index, call, false);
    for (size_t i = 0; i < map.count; i++) {
        bool known = strcmp(map.keys[i], "en") == 0 || strcmp(map.keys[i], "zh") == 0;
        if (!known || map.items[i].kind != VALUE_TEXT)
            api_fail(L, s, call, map.keys[i], "%s { en = \"…\", zh = \"…\" } expected", call);
    }
    if (map.count == 0) api_fail(L, s, call, "", "%s { en = \"…\", zh = \"…\" } expected", call);
    return map;
}

static int say(lua_State *L, const char *call) {
    Session *s = api_self(L, OBJECT_SCENARIO, call)->session;
    Value text = words(L, s, 2, call), command = value_map();
    api_put_text(s, &command, "do", "say");
    if (strcmp(call, "say") != 0) api_put(s, &command, call, value_truth(true));
    api_put(s, &command, "text", text);
    api_command(L, s, &command, call, "", NULL);
    return 0;
}

static int scenario_say(lua_State *L) { return say(L, "say"); }
static int scenario_beat(lua_State *L) { return say(L, "beat"); }
static int scenario_phase(lua_State *L) { return say(L, "phase"); }

/* ---- Expectations ---- */

static const char *expectation_text(lua_State *L, Session *s, const char *call) {
    if (lua_type(L, 2) != LUA_TSTRING)
        api_fail(L, s, call, "", "s:%s(\"what is expected\", …) expected, %s given", call, luaL_typename(L, 2));
    return lua_tostring(L, 2);
}

static int scenario_expect(lua_State *L) {
    Session *s = api_self(L, OBJECT_SCENARIO, "expect")->session;
    const char *text = expectation_text(L, s, "expect");
    api_may_change(L, s, "expect");
    bool function = lua_isfunction(L, 3);
    if (!function && !lua_isboolean(L, 3))
        api_fail(L, s, "expect", "", "s:expect(\"%s\", …): true, false or a function expected, %s given", text,
                 luaL_typename(L, 3));
    if (s->opening && function)
        session_add_watch(L, s, WATCH_AT_END, text, 3);
    else
        session_judge_now(L, s, text, 3);
    return 0;
}

static int watch(lua_State *L, const char *call, WatchKind kind) {
    Session *s = api_self(L, OBJECT_SCENARIO, call)->session;
    const char *text = expectation_text(L, s, call);
    if (!lua_isfunction(L, 3))
        api_fail(L, s, call, "", "s:%s(\"%s\", function(trace) … end) expected, %s given", call, text,
                 luaL_typename(L, 3));
    api_may_change(L, s, call);
    if (kind == WATCH_NEVER) text = lua_pushfstring(L, "never: %s", text);
    session_add_watch(L, s, kind, text, 3);
    return 0;
}

static int scenario_expect_always(lua_State *L) { return watch(L, "expect_always", WATCH_ALWAYS); }
static int scenario_expect_never(lua_State *L) { return watch(L, "expect_never", WATCH_NEVER); }

/* ---- Properties ---- */

static void push_now(lua_State *L, Session *s, uint32_t index) {
    (void)index;
    api_push_seconds(L, world_now(s->world));
}

static void push_settings(lua_State *L, Session *s, uint32_t index) {
    (void)index;
    api_push_object(L, s, OBJECT_SETTINGS, 0);
}

static void push_trace(lua_State *L, Session *s, uint32_t index) {
    (void)index;
    lua_rawgeti(L, LUA_REGISTRYINDEX, s->trace_reference);
}

static const luaL_Reg scenario_methods[] = {
    {"lan", scenario_lan},
    {"host", scenario_host},
    {"router", scenario_router},
    {"link", scenario_link},
    {"frame", scenario_frame},
    {"setting", scenario_setting},
    {"script", scenario_script},
    {"after", scenario_after},
    {"wait", scenario_wait},
    {"wait_until", scenario_wait_until},
    {"wait_message", scenario_wait_message},
    {"wait_state", scenario_wait_state},
    {"say", scenario_say},
    {"beat", scenario_beat},
    {"phase", scenario_phase},
    {"expect", scenario_expect},
    {"expect_always", scenario_expect_always},
    {"expect_never", scenario_expect_never},
    {NULL, NULL},
};
static const ObjectProperty scenario_properties[] = {
    {"now", push_now}, {"set", push_settings}, {"trace", push_trace}, {NULL, NULL}};
const ObjectClass scenario_class = {"Scenario", "a scenario", scenario_methods, scenario_properties};

static const ObjectProperty settings_properties[] = {{"*", push_set_value}, {NULL, NULL}};
const ObjectClass settings_class = {"Settings", "the settings", NULL, settings_properties};

static void push_lan_name(lua_State *L, Session *s, uint32_t index) { lua_pushstring(L, api_node_name(s, index)); }
static const ObjectProperty lan_properties[] = {{"name", push_lan_name}, {NULL, NULL}};
const ObjectClass lan_class = {"Lan", "a LAN", NULL, lan_properties};
