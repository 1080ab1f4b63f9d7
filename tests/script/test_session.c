/* Sessions: scripts that wait, settings, expectations, and going back in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "observe/jsonl.h"
#include "script/session.h"

static const char head[] =
    "local s = scenario { title = { en = 'A test', zh = '测试' }, about = 'It tests.', seed = 3 }\n"
    "local lan = s:lan { name = 'lan1', prefix = '192.168.1.0/24' }\n"
    "local srv = s:host { name = 'dhcp1', on = lan, address = '192.168.1.1' }\n"
    "local lease = s:setting { name = 'lease', default = '64s', en = 'how long' }\n"
    "local tries = s:setting { name = 'tries', default = 3 }\n"
    "local deep = s:setting { name = 'deep', default = false }\n"
    "srv:dhcp_server { pools = { { '192.168.1.100', '192.168.1.199' } }, lease = lease }\n"
    "local pc = s:host { name = 'pc1', on = lan }\n"
    "pc:dhcp_client { initial_delay = {'1s', '3s'} }\n";

static Session *open_with(const char *body, const SessionOptions *options, Text *error) {
    Text source = text_new();
    text_print(&source, "%s%s\n", head, body);
    Session *session = session_open_source("x.lua", text_get(&source), source.size, options, error);
    text_free(&source);
    return session;
}

static Session *open_good(const char *body) {
    SessionOptions options = session_options_default();
    Text error = text_new();
    Session *session = open_with(body, &options, &error);
    if (!session) fail_msg("%s", text_get(&error));
    text_free(&error);
    return session;
}

/* Runs to the end; every expectation of the script must hold. */
static void expect_held(const char *body, size_t expectations) {
    Session *session = open_good(body);
    if (session_run(session, SIM_NEVER) != SESSION_DONE) fail_msg("%s", session_error(session));
    if (session_expectations_failed(session)) fail_msg("%zu failed of: %s", session_expectations_failed(session), body);
    assert_int_equal(session_expectations_held(session), expectations);
    session_free(session);
}

static const char *trace_text_of(const Session *session, Text *text) {
    Output *output = output_to_text(text);
    Text error = text_new();
    jsonl_write(session_trace(session), 0, trace_count(session_trace(session)), output);
    assert_true(output_close(output, &error));
    text_free(&error);
    return text->at;
}

static void assert_same_trace(const Session *a, const Session *b) {
    Text x = text_new(), y = text_new();
    const char *of_a = trace_text_of(a, &x), *of_b = trace_text_of(b, &y);
    assert_true(x.size > 1000);
    size_t line = 0, same = 0;
    for (; of_a[same] && of_a[same] == of_b[same]; same++)
        if (of_a[same] == '\n') line = same + 1;
    if (of_a[same] || of_b[same]) fail_msg("%.300s\nis not\n%.300s", of_a + line, of_b + line);
    text_free(&x);
    text_free(&y);
}

static void test_waiting(void **state) {
    (void)state;
    expect_held(
        "s:script(function()\n"
        "  s:expect('it begins at 0', s.now == 0)\n"
        "  s:wait('1.5s') s:expect('1.5', s.now == 1.5)\n"
        "  s:wait(0.25) s:expect('1.75', s.now == 1.75)\n"
        "  s:wait(2) s:expect('3.75', s.now == 3.75)\n"
        "  local r = s:wait_until(function() return false end, '2s') s:expect('timed out', r == false and s.now == 5.75)\n"
        "  r = s:wait_until(function() return true end, '2s') s:expect('at once', r == true and s.now == 5.75)\n"
        "  srv:boot() s:wait('10s') pc:boot()\n"
        "  r = s:wait_message { name = 'OFFER', received_by = pc, within = '10s' } s:expect('offered', r == true)\n"
        "  r = s:wait_state(pc, 'BOUND', '20s') s:expect('bound', r == true and pc.address == '192.168.1.100')\n"
        "  r = s:wait_message { name = 'OFFER', within = '1s' } s:expect('no second offer', r == false)\n"
        "end)",
        9);
}

static void test_two_scripts(void **state) {
    (void)state;
    expect_held(
        "local order = {}\n"
        "s:script(function() for i = 1, 3 do s:wait('2s') order[#order + 1] = 'a' .. s.now end end)\n"
        "s:script(function() for i = 1, 2 do s:wait('3s') order[#order + 1] = 'b' .. s.now end\n"
        "  local all = table.concat(order, ' ') s:expect('in order', all == 'a2.0 b3.0 a4.0 b6.0' or all == 'a2.0 b3.0 a4.0 a6.0 b6.0', all) end)\n",
        1);
}

static void test_causes(void **state) {
    (void)state;
    expect_held(
        "s:script(function() srv:boot() pc:boot() s:wait_state(pc, 'BOUND', '40s')\n"
        "  local bound = s.trace:facts { name = 'dhcp.bound' }[1]\n"
        "  local causes = s.trace:causes(bound)\n"
        "  local said, back = {}, true for _, c in ipairs(causes) do\n"
        "    if c.kind == 'message' and c.machine ~= 'arp.conflict' then said[#said + 1] = c.name end\n"
        "    back = back and c.seq < bound.seq and c.t <= bound.t end s:expect('backwards', back)\n"
        "  said = table.concat(said, ' ')\n"
        "  s:expect('the dialogue', said:find('ACK .*REQUEST .*OFFER .*DISCOVER') ~= nil, said)\n"
        "  local first = causes[#causes]\n"
        "  s:expect('a command is the first cause', first.kind == 'command', first.kind)\n"
        "  s:expect('it has none itself', #s.trace:causes(first) == 0)\n"
        "end)\n",
        4);
}

static void test_live_state(void **state) {
    (void)state;
    expect_held(
        "s:expect('pc1 is bound at the end', function() return pc.dhcp.state == 'BOUND' end)\n"
        "s:expect_always('never two', function(trace) return trace:at_most_one_holder() end)\n"
        "s:expect_never('a wrong address', function() return pc.address and pc.address ~= '192.168.1.100' end)\n"
        "s:script(function()\n"
        "  s:expect('off', pc.powered == false and pc.address == nil and pc.dhcp.lease == nil)\n"
        "  srv:boot() pc:boot() s:expect('on', pc.powered)\n"
        "  s:wait_state(pc, 'BOUND', '40s')\n"
        "  local d = pc.dhcp\n"
        "  s:expect('lease', d.lease == 64 and d.server == '192.168.1.1' and d.address == pc.address and pc.prefix_length == 24)\n"
        "  s:expect('T1, T2', math.abs(d.t1_at - d.started_at - 32) < 1e-9\n"
        "    and math.abs(d.t2_at - d.started_at - 56) < 1e-9 and math.abs(d.expires_at - d.started_at - 64) < 1e-9)\n"
        "  local b = srv.bindings\n"
        "  s:expect('binding', #b == 1 and b[1].state == 'BOUND' and b[1].address == pc.address and b[1].client == pc.mac)\n"
        "  s:expect('names', pc.name == 'pc1' and tostring(pc) == 'pc1' and lan.name == 'lan1')\n"
        "end)",
        9);
}

static void test_queries(void **state) {
    (void)state;
    expect_held(
        "s:script(function()\n"
        "  srv:boot() s:wait('10s') pc:boot() s:wait_state(pc, 'BOUND', '40s')\n"
        "  local t = s.trace\n"
        "  local d = t:messages { name = 'DISCOVER', from = pc }\n"
        "  s:expect('one DISCOVER', #d == 1 and d[1].host == 'pc1' and d[1].src == '0.0.0.0' and d[1].dst == '255.255.255.255')\n"
        "  s:expect('not unicast', d[1].unicast == false and d[1].received == false and d[1].proto == 'dhcp')\n"
        "  s:expect('fields', d[1].fields.op == 'BOOTREQUEST' and d[1].fields.chaddr == pc.mac and d[1].fields.hops == 0)\n"
        "  local r = t:messages { name = 'DISCOVER', received_by = srv }\n"
        "  s:expect('received later', #r == 1 and r[1].t > d[1].t and r[1].t_ns > d[1].t_ns and r[1].fields.xid == d[1].fields.xid)\n"
        "  s:expect('since and before', #t:messages { name = 'DISCOVER', from = pc, since = d[1].t + 0.001 } == 0\n"
        "    and #t:messages { name = 'DISCOVER', from = pc, before = d[1].t } == 0 and #t:messages { since = d[1].t, before = d[1].t + 1e-6 } == 1)\n"
        "  local f = t:facts { name = 'dhcp.bound', host = pc }\n"
        "  s:expect('facts', #f == 1 and f[1].fields.address == pc.address and f[1].fields.expires == pc.dhcp.expires_at)\n"
        "  local a = t:states { host = pc, machine = 'dhcp.client' }\n"
        "  s:expect('arrows', a[1].from == 'OFF' and a[#a].to == 'BOUND' and a[#a].ref:find('RFC 2131') == 1)\n"
        "  s:expect('arrows to', #t:states { host = pc, to = 'SELECTING' } == 1)\n"
        "  s:expect('binding has a subject', t:states { machine = 'dhcp.binding' }[1].subject == '192.168.1.100')\n"
        "end)",
        9);
}

static void test_sockets(void **state) {
    (void)state;
    expect_held(
        "local a, b = s:host { name = 'a', on = lan, address = '192.168.1.11' }, s:host { name = 'b', on = lan, address = '192.168.1.12' }\n"
        "local echo = a:udp(5000)\n"
        "echo:on_datagram(function(d) s:wait('1s') echo:send { to = d.from, port = d.from_port, text = d.text:upper() } end)\n"
        "s:script(function()\n"
        "  a:boot { quiet = true } b:boot { quiet = true }\n"
        "  local client, got = b:udp(6000), {}\n"
        "  client:on_datagram(function(d) got[#got + 1] = d end)\n"
        "  client:send { to = a, port = 5000, text = 'hello' }\n"
        "  s:wait('0.5s') s:expect('not yet', #got == 0)\n"
        "  s:wait('1s') s:expect('answered', #got == 1 and got[1].text == 'HELLO' and got[1].from == '192.168.1.11')\n"
        "  local d = got[1]\n"
        "  s:expect('ports', d.from_port == 5000 and d.to_port == 6000 and d.to == '192.168.1.12' and d.unicast and d.host == 'b')\n"
        "  local all = {} for i = 0, 255 do all[i + 1] = string.char(i) end all = table.concat(all)\n"
        "  client:send { to = '192.168.1.255', port = 5000, text = all }\n"
        "  s:wait('2s') s:expect('any octets, by broadcast', #got == 2 and got[2].text == all:upper())\n"
        "  client:send { to = a, port = 5001, text = 'x' } s:wait('2s') s:expect('another port', #got == 2)\n"
        "  a:crash() client:send { to = a, port = 5000, text = 'x' } s:wait('2s') s:expect('off', #got == 2)\n"
        "  a:boot { quiet = true } client:send { to = a, port = 5000, text = 'again' }\n"
        "  s:wait('2s') s:expect('on again', #got == 3 and got[3].text == 'AGAIN')\n"
        "  client:close() echo:send { to = b, port = 6000, text = 'x' } s:wait('1s') s:expect('closed', #got == 3)\n"
        "  s:expect('refused after closing', not pcall(client.send, client, { to = a, port = 5000, text = 'x' }))\n"
        "  s:expect('the port was closed', #s.trace:messages { proto = 'icmp', from = b } == 1)\n"
        "end)",
        10);
}

static void test_timers(void **state) {
    (void)state;
    expect_held("local order = {}\n"
                "s:script(function()\n"
                "  s:after('3s', function() order[#order + 1] = 'c' .. s.now end)\n"
                "  s:after('1s', function() order[#order + 1] = 'a' .. s.now s:wait('1s') order[#order + 1] = 'b' .. s.now end)\n"
                "  for i = 1, 1000 do s:after(0.01, function() end) s:wait('0.01s') end\n"
                "  local all = table.concat(order, ' ') s:expect('in order', all == 'a1.0 b2.0 c3.0', all)\n"
                "end)",
                1);
}

/* A student's server that speaks DHCP by hand: the real client takes its offer. */
static void test_a_server_of_ones_own(void **state) {
    (void)state;
    expect_held(
        "local own = s:host { name = 'own', on = lan, address = '192.168.1.2' }\n"
        "local socket = own:udp(67)\n"
        "local function reply(d, kind)\n"
        "  return '\\2\\1\\6\\0' .. d.text:sub(5, 8) .. ('\\0'):rep(8) .. '\\192\\168\\1\\77' .. ('\\0'):rep(8) .. d.text:sub(29, 44)\n"
        "    .. ('\\0'):rep(192) .. '\\99\\130\\83\\99' .. '\\53\\1' .. string.char(kind) .. '\\54\\4\\192\\168\\1\\2' .. '\\51\\4\\0\\0\\14\\16'\n"
        "    .. '\\1\\4\\255\\255\\255\\0' .. '\\255'\n"
        "end\n"
        "socket:on_datagram(function(d)\n"
        "  local kind = d.text:byte(243)\n"
        "  socket:send { to = '255.255.255.255', port = 68, text = reply(d, kind == 1 and 2 or 5) }\n"
        "end)\n"
        "s:script(function()\n"
        "  own:boot { quiet = true } pc:boot()\n"
        "  s:wait_state(pc, 'BOUND', '30s')\n"
        "  s:expect('bound by the script', pc.address == '192.168.1.77' and pc.dhcp.server == '192.168.1.2' and pc.dhcp.lease == 3600)\n"
        "  s:expect('with named messages', #s.trace:messages { name = 'OFFER', from = own } == 1)\n"
        "end)",
        2);
}

static void test_one_holder(void **state) {
    (void)state;
    expect_held(
        "local a = s:host { name = 'a', on = lan, address = '192.168.1.9', probe = false }\n"
        "local b = s:host { name = 'b', on = lan, address = '192.168.1.9', probe = false }\n"
        "s:script(function()\n"
        "  a:boot() s:wait('5s') s:expect('one', function(trace) return trace:at_most_one_holder() end)\n"
        "  a:crash() b:boot() s:wait('5s') s:expect('still one', function(trace) return trace:at_most_one_holder() end)\n"
        "  a:boot() s:wait('5s') s:expect('two', function(trace) local one, why = trace:at_most_one_holder()\n"
        "    return not one and why:find('192.168.1.9 is held by b and a at 10.000 s', 1, true) ~= nil, why end)\n"
        "end)",
        3);
}

/* Many steps are allowed as long as simulated time goes on. */
static void test_slices(void **state) {
    (void)state;
    static const char body[] = "s:script(function() for i = 1, 20 do for k = 1, 20000 do local x = k end s:wait('1s') end end)";
    SessionOptions options = session_options_default();
    options.limits.slice_steps = 100 * 1000;
    Text error = text_new();
    Session *session = open_with(body, &options, &error);
    assert_non_null(session);
    assert_int_equal(session_run(session, SIM_NEVER), SESSION_DONE);
    session_free(session);
    options.limits.total_steps = 300 * 1000;
    session = open_with(body, &options, &error);
    assert_non_null(session);
    assert_int_equal(session_run(session, SIM_NEVER), SESSION_FAILED);
    assert_non_null(strstr(session_error(session), "all the steps"));
    session_free(session);
    text_free(&error);
}

static void test_failures_are_counted(void **state) {
    (void)state;
    Session *session =
        open_good("s:expect_never('it passes 3 s', function() return s.now > 3 end)\n"
                  "s:expect_always('it stays below 4 s', function() return s.now < 4, 'it is ' .. s.now end)\n"
                  "s:expect('at the end', function() return false, 'because' end)\n"
                  "s:script(function() for i = 1, 5 do s:wait('1s') s:say('tick') end s:expect('now', false) end)");
    assert_int_equal(session_run(session, SIM_NEVER), SESSION_DONE);
    assert_int_equal(session_expectations_failed(session), 4);
    assert_int_equal(session_expectations_held(session), 0);
    size_t verdicts = 0;
    const Trace *trace = session_trace(session);
    for (size_t i = 0; i < trace_count(trace); i++) verdicts += trace_get(trace, i)->kind == TRACE_EXPECT;
    assert_int_equal(verdicts, 4);
    session_free(session);
}

static void test_settings(void **state) {
    (void)state;
    static const char body[] =
        "s:expect('types', s.set.lease == '10m' and s.set.tries == 5 and s.set.deep == true and lease == '10m')\n";
    SessionOverride overrides[] = {{"lease", "1m"}, {"tries", "5"}, {"deep", "true"}, {"lease", "10m"}};
    SessionOptions options = session_options_default();
    options.overrides = overrides;
    options.override_count = 4;
    Text error = text_new();
    Session *session = open_with(body, &options, &error);
    if (!session) fail_msg("%s", text_get(&error));
    assert_int_equal(session_expectations_held(session), 1);
    assert_int_equal(session_setting_count(session), 3);
    assert_string_equal(session_setting(session, 0).value, "10m");
    assert_string_equal(session_setting(session, 0).en, "how long");
    assert_string_equal(session_title(session, "zh"), "测试");
    assert_string_equal(session_title(session, "fr"), "A test");
    assert_string_equal(session_about(session, "zh"), "It tests.");
    session_free(session);

    static const struct {
        SessionOverride override;
        const char *message;
    } wrong[] = {
        {{"leese", "1m"}, "x.lua: it has no setting \"leese\"; did you mean \"lease\"?"},
        {{"volume", "1"}, "x.lua: it has no setting \"volume\"; it has: lease, tries, deep"},
        {{"tries", "many"}, "x.lua:5: --set tries=many: a whole number expected, as its default is"},
        {{"deep", "1"}, "x.lua:6: --set deep=1: true or false expected, as its default is"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        options.overrides = &wrong[i].override;
        options.override_count = 1;
        text_clear(&error);
        assert_null(open_with("", &options, &error));
        assert_string_equal(text_get(&error), wrong[i].message);
    }
    text_free(&error);
}

static void test_where_it_ends(void **state) {
    (void)state;
    Session *session = open_good("srv:boot()");
    assert_int_equal(session_run(session, 10 * SIM_SECOND), SESSION_PAUSED);
    assert_int_equal(world_now(session_world(session)), 10 * SIM_SECOND);
    assert_int_equal(session_run(session, SIM_NEVER), SESSION_DONE);
    assert_int_equal(world_now(session_world(session)), 3600 * SIM_SECOND);
    session_free(session);

    session = open_good("s:script(function() s:wait('7s') end)");
    assert_int_equal(session_run(session, SIM_NEVER), SESSION_DONE);
    assert_int_equal(world_now(session_world(session)), 7 * SIM_SECOND);
    assert_int_equal(session_run(session, 9 * SIM_SECOND), SESSION_DONE);
    assert_int_equal(world_now(session_world(session)), 9 * SIM_SECOND);
    session_free(session);

    SessionOptions options = session_options_default();
    options.until = 3 * SIM_SECOND;
    Text error = text_new();
    session = open_with("s:script(function() s:wait('7s') end)", &options, &error);
    assert_non_null(session);
    assert_int_equal(session_run(session, SIM_NEVER), SESSION_DONE);
    assert_int_equal(world_now(session_world(session)), 3 * SIM_SECOND);
    session_free(session);
    text_free(&error);
}

static void test_same_run_same_trace(void **state) {
    (void)state;
    static const char body[] = "s:script(function() srv:boot() s:wait(math.random(1, 9)) pc:boot() s:wait('100s') end)";
    Session *a = open_good(body), *b = open_good(body);
    session_run(a, SIM_NEVER);
    for (int i = 1; session_run(b, i * SIM_SECOND) == SESSION_PAUSED; i++) continue; /* in small pieces */
    assert_same_trace(a, b);
    session_free(a);
    session_free(b);
}

static void give(Session *session, const char *json) {
    Arena *arena = arena_new();
    Value command;
    ConfigError error = {0};
    Text fault = text_new();
    assert_true(value_parse(arena, json, strlen(json), &command, &fault));
    if (!session_command(session, &command, &error)) fail_msg("%s", text_get(&error.message));
    text_free(&fault);
    arena_free(arena);
}

static const char lecture[] =
    "s:script(function()\n"
    "  srv:boot() s:wait('10s') pc:boot()\n"
    "  s:wait_state(pc, 'BOUND', '60s') s:say(pc.dhcp.state)\n"
    "  s:wait_until(function() return pc.address == nil end, '300s') s:say('lost at ' .. s.now)\n"
    "  s:wait('30s')\n"
    "end)\n";

static void go_through(Session *session, SimTime until) {
    static const struct {
        SimTime at;
        const char *json;
    } commands[] = {
        {0, "{\"do\":\"say\",\"text\":{\"en\":\"before all\"}}"},
        {10 * SIM_SECOND, "{\"do\":\"cable\",\"host\":\"pc1\",\"loss\":\"10%\"}"},
        {40 * SIM_SECOND, "{\"do\":\"crash\",\"host\":\"dhcp1\"}"},
        {95 * SIM_SECOND, "{\"do\":\"boot\",\"host\":\"dhcp1\"}"},
        {95 * SIM_SECOND, "{\"do\":\"cable\",\"host\":\"pc1\",\"loss\":\"0%\"}"},
        {900 * SIM_SECOND, "{\"do\":\"crash\",\"host\":\"pc1\"}"}, /* after the script is over */
    };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (commands[i].at > until) break;
        if (commands[i].at < world_now(session_world(session))) continue;
        if (commands[i].at > 0 && session_run(session, commands[i].at) == SESSION_DONE)
            session_run(session, commands[i].at);
        give(session, commands[i].json);
    }
    if (session_run(session, until) == SESSION_DONE) session_run(session, until);
}

static void test_fork_is_the_same_run(void **state) {
    (void)state;
    static const SimTime times[] = {
        0, 5 * SIM_SECOND, 10 * SIM_SECOND, 33 * SIM_SECOND, 95 * SIM_SECOND, 200 * SIM_SECOND, 950 * SIM_SECOND};
    Session *whole = open_good(lecture);
    go_through(whole, 950 * SIM_SECOND);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        Text error = text_new();
        Session *part = open_good(lecture), *fork = session_fork(whole, times[i], &error);
        if (!fork) fail_msg("%s", text_get(&error));
        go_through(part, times[i]);
        assert_int_equal(world_now(session_world(fork)), times[i]);
        assert_same_trace(fork, part);
        session_free(part);
        session_free(fork);
        text_free(&error);
    }
    session_free(whole);
}

/* Acting in the past: the fork goes another way, the original stays as it was. */
static void test_fork_goes_its_own_way(void **state) {
    (void)state;
    Session *whole = open_good(lecture);
    go_through(whole, 300 * SIM_SECOND);
    size_t before = trace_count(session_trace(whole));
    Text error = text_new();
    Session *fork = session_fork(whole, 60 * SIM_SECOND, &error);
    assert_non_null(fork);
    give(fork, "{\"do\":\"boot\",\"host\":\"dhcp1\"}");
    session_run(fork, 300 * SIM_SECOND);
    assert_true(world_host_powered(session_world(fork), world_find(session_world(fork), "dhcp1")));
    assert_int_equal(trace_count(session_trace(whole)), before);
    /* and a fork of the fork knows what was done in it */
    Session *again = session_fork(fork, 100 * SIM_SECOND, &error);
    assert_non_null(again);
    assert_true(world_host_powered(session_world(again), world_find(session_world(again), "dhcp1")));
    session_free(again);
    session_free(fork);
    session_free(whole);
    text_free(&error);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_two_scripts),
        cmocka_unit_test(test_causes),
        cmocka_unit_test(test_live_state),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_sockets),
        cmocka_unit_test(test_timers),
        cmocka_unit_test(test_a_server_of_ones_own),
        cmocka_unit_test(test_one_holder),
        cmocka_unit_test(test_slices),
        cmocka_unit_test(test_failures_are_counted),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_where_it_ends),
        cmocka_unit_test(test_same_run_same_trace),
        cmocka_unit_test(test_fork_is_the_same_run),
        cmocka_unit_test(test_fork_goes_its_own_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
