/* A scenario with a mistake gives one message: file, line, field, what is wrong, and what was expected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "script/session.h"

/* Lines 1 to 4 of every script; what is wrong begins at line 5. */
static const char head[] =
    "local s = scenario { title = 'x' }\n"
    "local lan = s:lan { name = 'lan1', prefix = '192.168.1.0/24' }\n"
    "local srv = s:host { name = 'dhcp1', on = lan, address = '192.168.1.1' }\n"
    "local pc = s:host { name = 'pc1', on = lan }\n";

static const struct {
    const char *script;
    const char *start; /* of the message */
    const char *part;
} mistakes[] = {
    /* unknown field */
    {"srv:dhcp_server {\n  pools = { { '192.168.1.100', '192.168.1.199' } },\n  leese = '60s',\n}", "dir/x.lua:7: leese: ", "did you mean \"lease\"?"},
    {"s:host { name = 'y',\n  adress = '192.168.1.2', on = lan }", "dir/x.lua:6: adress: ", "did you mean \"address\"?"},
    {"srv:dhcp_server {\n  pools = {\n    { first = '192.168.1.100',\n      lost = '192.168.1.199' },\n  },\n}", "dir/x.lua:8: pools[1].lost: ",
     "did you mean \"last\"?"},
    {"s:lan {\n\n  nam = 'lan2' }", "dir/x.lua:5: name: ", "a name of 1 to 40 characters expected"},
    {"s:setting {\n  name = 'a',\n  defolt = 1 }", "dir/x.lua:7: defolt: ", "did you mean \"default\"?"},
    /* wrong type */
    {"srv:dhcp_server {\n  pools = { { '192.168.1.100', '192.168.1.199' } },\n  lease = true,\n}", "dir/x.lua:7: lease: ",
     "a span such as \"60s\" or \"8d\", or \"infinite\" expected, true given"},
    {"srv:dhcp_server {\n  pools = 5 }", "dir/x.lua:6: pools: ", "a list of pools expected, 5 given"},
    {"pc:dhcp_client { lease = 1.5 }", "dir/x.lua:5: lease: ", "a fraction given"},
    {"pc:dhcp_client { probe = print }", "dir/x.lua:5: probe: ", "a function given"},
    {"pc:boot(5)", "dir/x.lua:5: ", "number given"},
    {"s:script(function() s:wait('1 second') end)", "dir/x.lua:5: ", "\"1 second\" given"},
    {"s:beat { 'hello' }", "dir/x.lua:5: [1]: ", "a named field expected"},
    {"s:expect('x', 5)", "dir/x.lua:5: ", "true, false or a function expected, number given"},
    /* pools */
    {"srv:dhcp_server {\n  pools = {\n    { '192.168.1.100', '192.168.1.199' },\n    { '192.168.1.150', '192.168.1.210' },\n  },\n}",
     "dir/x.lua:8: pools[2]: ", "overlaps pools[1] (192.168.1.100 to 192.168.1.199)"},
    {"srv:dhcp_server {\n  pools = { { '192.168.1.100', '192.168.2.199' } } }", "dir/x.lua:6: pools[1]: ", "inside the prefix 192.168.1.0/24 expected"},
    /* address outside the prefix */
    {"s:host {\n  name = 'y',\n  on = lan,\n  address = '10.0.0.1',\n}", "dir/x.lua:8: address: ", "lies outside the prefix 192.168.1.0/24 of lan1"},
    {"s:router { name = 'r', interfaces = {\n  { on = lan, address = '192.168.1.9' },\n  { on = lan, address = '10.9.9.9' } } }",
     "dir/x.lua:7: interfaces[2].address: ", "outside the prefix"},
    /* duplicate name */
    {"s:host {\n  name = 'pc1', on = lan }", "dir/x.lua:6: name: ", "the name \"pc1\" is taken"},
    {"s:setting { name = 'a', default = 1 }\ns:setting { name = 'a', default = 1 }", "dir/x.lua:6: name: ", "already"},
    /* no route */
    {"s:router { name = 'r', interfaces = { { on = lan, address = '192.168.1.9' } },\n  routes = {\n    { to = '10.0.0.0/8', via = '172.16.0.1' } } }",
     "dir/x.lua:7: routes[1].via: ", "a router on one of the host's own networks expected"},
    {"local r = s:router { name = 'r', interfaces = { { on = lan, address = '192.168.1.9' } } }\nr:dhcp_relay {\n  servers = { '10.9.0.53' } }",
     "dir/x.lua:7: servers: ", "no route leads to 10.9.0.53"},
    /* endless */
    {"while true do end", "dir/x.lua:5: ", "without end"},
    {"s:script(function()\n  while true do\n    local x = 1\n  end\nend)", "dir/x.lua:", "without end"},
    {"s:script(function()\n  while true do s:wait('0s') end\nend)", "dir/x.lua:6: ", "without end"},
    {"s:script(function()\n  while true do pcall(function() while true do end end) end\nend)", "dir/x.lua:6: ", "without end"},
    {"s:expect_always('x', function() while true do end end)", "dir/x.lua:5: ", "without end"},
    /* memory */
    {"local t = {}\nwhile true do t[#t + 1] = ('x'):rep(10000) .. #t end", "dir/x.lua:6: ", "needs more memory"},
    {"s:script(function()\n  local t = {}\n  while true do t[#t + 1] = ('x'):rep(10000) .. #t end\nend)", "dir/x.lua:7: ", "needs more memory"},
    /* syntax */
    {"pc:dhcp_client {\n  initial_delay = '1s'\n  probe = false\n}", "dir/x.lua:7: ", "'}' expected"},
    /* names */
    {"pc:bot()", "dir/x.lua:5: ", "a host has nothing called \"bot\"; did you mean \"boot\"?"},
    {"local x = pc.dhcp.stat", "dir/x.lua:5: ", "did you mean \"state\"?"},
    {"pc.name = 'pc9'", "dir/x.lua:5: ", "can't be changed"},
    {"pc.boot()", "dir/x.lua:5: ", "write a colon"},
    {"local x = senario", "dir/x.lua:5: ", "did you mean \"scenario\"?"},
    {"s:host { name = 'y', on = 'lan2' }", "dir/x.lua:5: on: ", "there is no LAN \"lan2\"; did you mean \"lan1\"?"},
    {"s:host { name = 'y',\n  address = '192.168.1.7' }", "dir/x.lua:5: ", "on = lan"},
    {"s:script(function() s:wait_state(pc, 'BOND', '10s') end)", "dir/x.lua:5: ", "did you mean \"BOUND\"?"},
    {"s:script(function()\n  s:wait_message { name = 'OFER', within = '1s' } end)", "dir/x.lua:6: name: ", "did you mean \"OFFER\"?"},
    {"s:script(function()\n  s:wait_message { name = 'HELO', within = '1s' } end)", "dir/x.lua:6: name: ", "proto = \"smtp\""},
    {"s:script(function()\n  s:wait_message { name = 'OFFER',\n  form = pc, within = '1s' } end)", "dir/x.lua:7: form: ", "did you mean \"from\"?"},
    {"s:script(function() s:wait_message { name = 'OFFER' } end)", "dir/x.lua:5: ", "how long at most?"},
    {"s:expect('x', function(trace)\n  return trace:facts { host = 'pc2' } end)", "dir/x.lua:6: host: ", "did you mean \"pc1\"?"},
    {"print(s.set.lease)", "dir/x.lua:5: ", "declare it by"},
    {"scenario { title = 'y' }", "dir/x.lua:5: ", "one scenario"},
    /* at the wrong time */
    {"s:wait('1s')", "dir/x.lua:5: ", "directly inside s:script"},
    {"s:script(function() coroutine.wrap(function() s:wait('1s') end)() end)", "dir/x.lua:5: ", "directly inside s:script"},
    {"s:script(function() coroutine.yield() end)", "dir/x.lua: ", "not by coroutine.yield"},
    {"s:script(function() s:wait_until(function() pc:boot() return true end, '1s') end)", "dir/x.lua:5: ", "may look at the world, but not change it"},
    {"s:expect_never('x', function() pc:boot() end)", "dir/x.lua:5: ", "may look at the world, but not change it"},
    {"s:script(function()\n  s:wait('1s')\n  local x = nil\n  x.y = 1\nend)", "dir/x.lua:8: ", "attempt to index a nil value"},
    {"s:script(function() error({}) end)", "dir/x.lua: ", "that is no text"},
    {"pc:release()", "dir/x.lua:5: ", "runs no DHCP client"},
};

static void open_and_run(const char *source, Text *error) {
    SessionOptions options = session_options_default();
    options.limits.slice_steps = 5 * 1000 * 1000;
    options.limits.memory = 8 * 1024 * 1024;
    Session *session = session_open_source("dir/x.lua", source, strlen(source), &options, error);
    if (session && session_run(session, SIM_NEVER) == SESSION_FAILED) text_put(error, session_error(session));
    session_free(session);
}

static void test_mistakes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        Text source = text_new(), error = text_new();
        text_print(&source, "%s%s\n", head, mistakes[i].script);
        open_and_run(text_get(&source), &error);
        const char *message = text_get(&error);
        if (strncmp(message, mistakes[i].start, strlen(mistakes[i].start)) != 0 || !strstr(message, mistakes[i].part))
            fail_msg("\"%s\"\nexpected: \"%s … %s\"\nof: %s", message, mistakes[i].start, mistakes[i].part, mistakes[i].script);
        if (strchr(message, '\n')) fail_msg("more than one line: %s", message);
        text_free(&source);
        text_free(&error);
    }
}

static void test_no_scenario(void **state) {
    (void)state;
    static const struct {
        const char *source, *message;
    } cases[] = {
        {"", "dir/x.lua: it builds nothing: a scenario begins with  local s = scenario { … }"},
        {"\x1bLua", "dir/x.lua: attempt to load a binary chunk (mode is 't')"},
        {"scenario {}", "dir/x.lua:1: title: a title expected: title = { en = \"…\", zh = \"…\" }"},
        {"scenario { title = { de = 'x' } }", "dir/x.lua:1: title: { en = \"…\", zh = \"…\" } expected, de given"},
        {"scenario { title = 'x', seed = 'y' }", "dir/x.lua:1: seed: a whole number from 0 on expected, a text given"},
        {"scenario { title = 'x',\nsede = 1 }", "dir/x.lua:2: sede: unknown field \"sede\"; did you mean \"seed\"?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Text error = text_new();
        open_and_run(cases[i].source, &error);
        assert_string_equal(text_get(&error), cases[i].message);
        text_free(&error);
    }
}

static void test_runaway_trace(void **state) {
    (void)state;
    Text source = text_new(), error = text_new();
    text_print(&source, "%ssrv:boot { quiet = true } pc:boot { quiet = true }\n"
                        "s:script(function() srv:send { to = '192.168.1.255', port = 9, count = 100000000, every = '1us' } s:wait('1000s') end)\n", head);
    SessionOptions options = session_options_default();
    options.trace_memory = 20 * 1024 * 1024;
    Session *session = session_open_source("x.lua", text_get(&source), source.size, &options, &error);
    assert_non_null(session);
    assert_int_equal(session_run(session, SIM_NEVER), SESSION_FAILED);
    assert_non_null(strstr(session_error(session), "fills more memory"));
    session_free(session);
    text_free(&source);
    text_free(&error);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_no_scenario),
        cmocka_unit_test(test_runaway_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
