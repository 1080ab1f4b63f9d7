/* The sandbox: what must end ends, what must be repeatable is, and what is left of Lua works as Lua's manual says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "script/sandbox.h"

static void keep_line(void *self, const char *line, size_t size) {
    text_put_n(self, line, size);
    text_put_char(self, '\n');
}

typedef struct {
    bool good, killed;
    Text error, printed;
    size_t memory;
} Outcome;

static Outcome run_with(const char *source, const SandboxLimits *limits) {
    Outcome o = {0};
    Sandbox *s = sandbox_new(limits, random_stream(7, "test", "script"), keep_line, &o.printed);
    o.good = sandbox_run(s, source, strlen(source), "test.lua", &o.error);
    o.killed = sandbox_killed(s);
    o.memory = sandbox_memory_used(s);
    sandbox_free(s);
    return o;
}

static Outcome run(const char *source) {
    SandboxLimits limits = sandbox_limits_default();
    limits.slice_steps = 5 * 1000 * 1000;
    return run_with(source, &limits);
}

static void outcome_free(Outcome *o) {
    text_free(&o->error);
    text_free(&o->printed);
}

static void expect_good(const char *source) {
    Outcome o = run(source);
    if (!o.good) fail_msg("%s\n  of: %s", text_get(&o.error), source);
    outcome_free(&o);
}

static void expect_error(const char *source, const char *part) {
    Outcome o = run(source);
    if (o.good) fail_msg("no error: %s", source);
    if (!strstr(text_get(&o.error), part)) fail_msg("\"%s\" has no \"%s\"; of: %s", text_get(&o.error), part, source);
    outcome_free(&o);
}

/* Each of these hung or escaped some sandbox. All must be over, killed or with an error, within a second or so. */
static const char *const attacks[] = {
    "while true do end",
    "for i = 1, math.huge do end",
    "local function f() return f() end f()",
    "local function f() return 1 + f() end f()",
    "goto a ::a:: goto a",
    "::a:: pcall(function() while true do end end) goto a",
    "while true do pcall(error) end",
    "local function f() while true do pcall(f) end end f()",
    "pcall(pcall, pcall, function() while true do end end)",
    "coroutine.wrap(function() while true do end end)()",
    "local c = coroutine.create(function() while true do end end) while true do coroutine.resume(c) end",
    "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    "local function f() while true do coroutine.resume(coroutine.create(f)) end end f()",
    "local function f() pcall(coroutine.wrap(f)) pcall(coroutine.wrap(f)) end while true do f() end",
    "while true do coroutine.yield() end",
    "local w = coroutine.wrap(function() while true do coroutine.yield() end end) while true do w() end",
    "('a'):rep(1 << 62)",
    "local s = 'a' while true do s = s .. s end",
    "local s = ('a'):rep(1 << 19) local t = {} while true do t[#t + 1] = s .. #t end",
    "local t = {} while true do t[#t + 1] = {} end",
    "local t = {} while true do pcall(function() t[#t + 1] = ('x'):rep(100000) .. #t end) end",
    "local t = {} for i = 1, 1e9 do t[i] = i end",
    "local s = {} while true do s = {s} end",
    "string.find(('a'):rep(30), ('a?'):rep(30) .. ('a'):rep(30))",
    "string.find(('a'):rep(100000), '.-.-.-.-b')",
    "string.match(('a'):rep(50000), '(.*)(.*)(.*)(.*)b')",
    "string.gsub(('a'):rep(100000), '.-.-b', '')",
    "for _ in string.gmatch(('a'):rep(100000), '.-.-.-b') do end",
    "string.find(('('):rep(200000), '%b()')  while true do string.find(('('):rep(200000), '.-%b()x') end",
    "string.find(('a'):rep(500000), ('a'):rep(250000) .. 'b', 1, true)",
    "string.find('', ('('):rep(40))",
    "string.find(('x'):rep(300), ('x?'):rep(300) .. '$') string.find('x', ('%'):rep(3))",
    "string.gsub('x', 'x', ('%0'):rep(100000)) local s = ('x'):rep(1000) while true do s = s:gsub('x', '%0%0') end",
    "string.gsub(('x'):rep(100000), 'x', pcall) while true do end",
    "table.insert(setmetatable({}, {__len = function() return 1 << 60 end}), 1, 1) while true do end",
    "table.move({}, 1, 1 << 40, 2)",
    "table.move({1}, math.mininteger, math.maxinteger, 1)",
    "table.concat({}, 'x', 1, 1 << 40)",
    "table.concat(setmetatable({}, {__index = function() return 'x' end}), '', 1, 1 << 40)",
    "table.unpack({}, 1, 1e8)",
    "table.unpack({}, math.mininteger, math.maxinteger)",
    "table.sort(setmetatable({}, {__len = function() return 1 << 40 end})) while true do end",
    "local t = {} for i = 1, 60000 do t[i] = i end while true do table.sort(t, function(a, b) return true end) end",
    "local t = {} for i = 1, 60000 do t[i] = i end while true do table.sort(t, pcall) end",
    "setmetatable({}, {__gc = function() while true do end end})",
    "local t <close> = setmetatable({}, {__close = function() while true do end end})",
    "local m = {} local t = setmetatable({}, m) m.__close = function() while true do end end do local x <close> = t end",
    ("local m = {} local t = setmetatable({}, m) m.__close = function() while true do end end "
     "coroutine.wrap(function() local x <close> = t while true do end end)()"),
    "setmetatable({}, {__mode = 'k'})",
    "local t = {} t.x = t setmetatable(t, {__index = function(s, k) return s[k] end}) local _ = t.y",
    "local t = setmetatable({}, {__index = pcall, __call = pcall}) while true do local _ = t[1] end",
    "local t = setmetatable({}, {__eq = function() while true do end end}) local _ = t == setmetatable({}, getmetatable(t))",
    "setmetatable(_G, {__index = function() while true do end end})",
    "local t = setmetatable({}, {__tostring = function() while true do end end}) tostring(t)",
    "local t = setmetatable({}, {__pairs = function() while true do end end}) for _ in pairs(t) do end",
    "local t = {} for i = 1, 20000 do t[i] = true end local k while true do k = next(t, k) end",
    "local t = {} for i = 1, 20000 do t['k' .. i] = true end while true do for _ in pairs(t) do break end end",
    "while true do print(('x'):rep(1000)) end",
    "while true do string.format('%99d', 1) end",
    "local a, b = ('x'):rep(1 << 19) .. 'a', ('x'):rep(1 << 19) .. 'b' local n = 0 while true do if a < b then n = n + 1 end end",
    "local s = ('a'):rep(1000000) while true do s:reverse() end",
    "local s = ('a'):rep(1000000) while true do s:byte(1, -1) end",
    "local s = ('\xe4\xb8\xad'):rep(300000) while true do utf8.len(s) end",
    "error(setmetatable({}, {__tostring = function() while true do end end}))",
    "string.rep('', 1 << 62) while true do end",
    "local t = {} for i = 1, 250 do t[i] = 'x' .. i end while true do select('#', table.unpack(t)) end",
};

static void test_attacks_end(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
        SandboxLimits limits = sandbox_limits_default();
        limits.slice_steps = 5 * 1000 * 1000;
        limits.cpu_ms = 1500;
        clock_t before = clock();
        Outcome o = run_with(attacks[i], &limits);
        double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
        if (getenv("NETSTAGE_VERBOSE")) printf("%2zu %.2f s  %s  <- %.60s\n", i, seconds, text_get(&o.error), attacks[i]);
        if (o.good) fail_msg("attack %zu went through: %s", i, attacks[i]);
        if (o.error.size == 0) fail_msg("attack %zu gave no message: %s", i, attacks[i]);
        if (seconds > 8) fail_msg("attack %zu took %.1f s: %s", i, seconds, attacks[i]);
        outcome_free(&o);
    }
}

/* Where even the stack may not grow, the hook that ends a script can't run. */
static void test_attacks_end_in_a_narrow_place(void **state) {
    (void)state;
    static const size_t blocks[] = {16, 64, 256, 1024}, memories[] = {256, 1024, 4096};
    static const char *const recursive[] = {
        "local function f() while true do pcall(f) end end f()",
        "local function f(...) while true do pcall(f, 1, 2, 3, ...) end end f()",
        "local a, b, c, d, e, g = 1, 2, 3, 4, 5, 6 local function f() local x, y, z while true do pcall(f, a, b, c) end end f()",
        "local function f() for i = 1, 1e9 do pcall(function() local t = {f} pcall(t[1]) end) end end f()",
        "local function f() while true do coroutine.resume(coroutine.create(function() pcall(f) end)) end end f()",
    };
    for (size_t i = 0; i < sizeof recursive / sizeof recursive[0]; i++) {
        for (size_t k = 0; k < 4 * 3; k++) {
            SandboxLimits limits = {.slice_steps = 200 * 1000, .total_steps = 1000 * 1000, .string = 64 * 1024,
                                    .memory = memories[k / 4] * 1024, .block = blocks[k % 4] * 1024};
            clock_t before = clock();
            Outcome o = run_with(recursive[i], &limits);
            assert_false(o.good);
            assert_true(clock() - before < 4 * CLOCKS_PER_SEC);
            outcome_free(&o);
        }
    }
}

static void test_pcall(void **state) {
    (void)state;
    expect_good("local a, b, c = pcall(function(...) return ... end, 1, nil) assert(a == true and b == 1 and c == nil)");
    expect_good("assert(select('#', pcall(function() return nil, nil end)) == 3 and select('#', pcall(print)) == 1)");
    expect_good("local ok, e = pcall(error) assert(ok == false and e == nil and select('#', pcall(error)) == 2)");
    expect_good("local ok, e = pcall(error, {7}) assert(not ok and e[1] == 7) assert(not pcall(pcall))");
    expect_good("local c = coroutine.wrap(function() local ok, x = pcall(function() return coroutine.yield(1) + 1 end) return ok, x end)\n"
                "assert(c() == 1) local ok, x = c(5) assert(ok == true and x == 6)");
    expect_good("local c = coroutine.wrap(function() return pcall(function() coroutine.yield(1) error('late', 0) end) end)\n"
                "assert(c() == 1) local ok, e = c() assert(ok == false and e == 'late')");
}

static void test_kill_is_not_swallowed(void **state) {
    (void)state;
    static const char *const scripts[] = {
        "pcall(function() while true do end end) print('after')",
        "local c = coroutine.create(function() while true do end end) coroutine.resume(c) print('after')",
        "table.sort({1, 2}, function() pcall(function() while true do end end) print('after') end) print('after')",
        "('x'):gsub('x', function() pcall(function() while true do end end) print('after') end) print('after')",
        "pcall(string.find, ('a'):rep(30), ('a?'):rep(30) .. ('a'):rep(30)) for i = 1, 10 do end print('after')",
        ("local t = {} pcall(function() while true do t[#t + 1] = ('x'):rep(90000) .. #t end end) "
         "for i = 1, 5000 do end print('after')"),
    };
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        Outcome o = run(scripts[i]);
        assert_false(o.good);
        assert_true(o.killed);
        if (o.printed.size) fail_msg("went on after the kill: %s", scripts[i]);
        outcome_free(&o);
    }
}

static void test_kill_says_where(void **state) {
    (void)state;
    expect_error("local x = 1\nwhile true do\nx = x + 1 end", "test.lua:");
    expect_error("local x = 1\nwhile true do\nx = x + 1 end", "without end");
    expect_error("local t, s = {}, ('x'):rep(20000)\nwhile true do t = {t, s .. #s} end", "more memory");
}

static void test_what_is_gone(void **state) {
    (void)state;
    static const char *const names[] = {"io", "os", "debug", "package", "require", "load", "loadfile", "dofile", "loadstring",
                                        "collectgarbage", "xpcall", "warn"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char source[128];
        snprintf(source, sizeof source, "assert(rawget(_G, '%s') == nil)", names[i]);
        expect_good(source);
    }
    expect_good("assert(string.dump == nil and string.pack == nil and math.randomseed == nil and coroutine.close == nil)");
    expect_error("\x1bLua", "binary");
    expect_error("\x1bLuaT\0\x19\x93", "binary");
    expect_error("local x = wile", "there is no \"wile\"");
    expect_error("prnt(1)", "did you mean \"print\"?");
    expect_error("x = = 1", "test.lua:1:");
}

static void test_order_of_pairs(void **state) {
    (void)state;
    expect_good("local t = {} for i = 40, 1, -1 do t['k' .. i] = i end t[3] = 1 t[1.5] = 1 t[-2] = 1 t[true] = 1 t[false] = 1\n"
                "local seen = {} for k in pairs(t) do seen[#seen + 1] = tostring(k) end\n"
                "assert(seen[1] == '-2' and seen[2] == '1.5' and seen[3] == '3' and seen[4] == 'k1' and seen[5] == 'k10')\n"
                "assert(#seen == 45 and seen[44] == 'false' and seen[45] == 'true')\n"
                "local k, n = next(t), 0 while k ~= nil do n = n + 1 assert(tostring(k) == seen[n]) k = next(t, k) end assert(n == 45)");
    expect_good("local t = {a = 1, b = 2, c = 3} local n = 0 for k in pairs(t) do t[k] = nil n = n + 1 end assert(n == 3 and next(t) == nil)");
    expect_good("local t = {1, 2, 3} local n = 0 for k in pairs(t) do n = n + 1 t[2] = nil end assert(n == 2)");
    expect_good("local t = {[{}] = 1} for k in pairs(t) do end assert(next(t) ~= nil)");
    expect_error("local t = {[{}] = 1, [{}] = 2} for k in pairs(t) do end", "no order");
}

static void test_no_addresses(void **state) {
    (void)state;
    expect_good("assert(tostring({}) == 'table' and tostring(print) == 'function')");
    expect_good("assert(tostring(coroutine.create(print)) == 'thread')");
    expect_good("assert(('%s|%s'):format({}, nil) == 'table|nil')");
    expect_error("return ('%p'):format({})", "invalid conversion");
    expect_good("assert(tostring(setmetatable({}, {__name = 'fish'})) == 'fish')");
}

static void test_random_is_the_streams(void **state) {
    (void)state;
    const char *source = "local t = {} for i = 1, 20 do t[i] = math.random(1, 1000) end t[21] = math.random() print(table.concat(t, ' '))";
    Outcome a = run(source), b = run(source);
    assert_true(a.good && b.good);
    assert_string_equal(text_get(&a.printed), text_get(&b.printed));
    assert_true(a.printed.size > 40);
    outcome_free(&a);
    outcome_free(&b);
    expect_good("for i = 1, 1000 do local x = math.random(3, 5) assert(x >= 3 and x <= 5) local y = math.random() assert(y >= 0 and y < 1) end");
    expect_error("math.random(2, 1)", "empty");
}

/* Expected results as the manual of Lua 5.4 gives them (6.4.1). */
static void test_patterns(void **state) {
    (void)state;
    static const char *const good[] = {
        "local a, b = ('hello world'):find('o w') assert(a == 5 and b == 7)",
        "assert(('hello'):find('l', 1, true) == 3)",
        "assert(('a+b'):find('+', 1, true) == 2)",
        "assert(('hello'):find('xyz') == nil)",
        "assert(('hello'):find('') == 1 and ('hello'):find('', 10) == nil and ('hello'):find('', 6) == 6)",
        "assert(('hello'):match('^(h)(.-)(o)$') == 'h')",
        "local a, b, c = ('hello'):match('^(h)(.-)(o)$') assert(a == 'h' and b == 'ell' and c == 'o')",
        "assert(('key = value'):match('^(%w+)%s*=%s*(%w+)$') == 'key')",
        "assert(('THE (quick) fox'):find('%((%a+)%)') == 5)",
        "assert(('f(a(b)c)d'):match('%b()') == '(a(b)c)')",
        "assert(('THE (quick) fox'):gsub('%f[%a]%a+', 'X') == 'X (X) X')",
        "assert(('hello'):match('()ll()') == 3)",
        "assert(('abab'):match('^(ab)%1$') == 'ab')",
        "assert(('x]y'):match('[]]') == ']' and ('x^y'):match('[%^]') == '^' and ('a-b'):match('[a%-]+') == 'a-')",
        "assert(('0x1F'):match('^0[xX](%x+)$') == '1F')",
        "assert(('abc'):gsub('%w', '%0%0') == 'aabbcc')",
        "local s, n = ('abc def'):gsub('%w+', string.upper) assert(s == 'ABC DEF' and n == 2)",
        "assert(('$a $b'):gsub('%$(%w+)', {a = 'x'}) == 'x $b')",
        "assert(('abc'):gsub('', '-') == '-a-b-c-')",
        "assert(('hello world'):gsub('o', '0', 1) == 'hell0 world')",
        "assert(('abc'):gsub('^a', 'x') == 'xbc' and ('aaa'):gsub('^a', 'x') == 'xaa')",
        "local t = {} for w in ('one two  three'):gmatch('%a+') do t[#t + 1] = w end assert(table.concat(t, ',') == 'one,two,three')",
        "local t = {} for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do t[k] = v end assert(t.a == '1' and t.b == '2')",
        "local n = 0 for _ in ('abc'):gmatch('') do n = n + 1 end assert(n == 4)",
        "assert(('a.b'):match('a%.b') == 'a.b' and ('axb'):match('a%.b') == nil)",
        "assert(('  trim  '):match('^%s*(.-)%s*$') == 'trim')",
        "assert(('aXb'):match('%u') == 'X' and ('aXb'):match('%U') == 'a' and ('\\0x'):match('%z') == nil)",
        "assert(('ab12'):match('[%a]+') == 'ab' and ('ab12'):match('[^%a]+') == '12' and ('b'):match('[a-c]') == 'b')",
        "assert(('a?'):match('a%?') == 'a?' and ('color'):match('colou?r') == 'color' and ('colour'):match('colou?r') == 'colour')",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) expect_good(good[i]);
    expect_error("('x'):find('[a')", "missing ']'");
    expect_error("('x'):find('%')", "ends with '%'");
    expect_error("('x'):find('(x')", "unfinished capture");
    expect_error("('x'):find('x)')", "invalid pattern capture");
    expect_error("('x'):find('%1')", "invalid capture index");
    expect_error("('x'):find('%f')", "missing '['");
    expect_error("('x'):gsub('x', '%2')", "invalid capture index");
    expect_error("('x'):gsub('x', '%')", "replacement");
}

static void test_tables(void **state) {
    (void)state;
    static const char *const good[] = {
        "local t = {1, 2, 3} table.insert(t, 4) table.insert(t, 1, 0) assert(table.concat(t, ',') == '0,1,2,3,4')",
        "local t = {1, 2, 3} assert(table.remove(t) == 3 and table.remove(t, 1) == 1 and #t == 1 and t[1] == 2)",
        "assert(table.remove({}) == nil)",
        "local t = table.move({1, 2, 3}, 1, 3, 2) assert(table.concat(t, ',') == '1,1,2,3')",
        "local t = table.move({1, 2, 3}, 2, 3, 1) assert(table.concat(t, ',') == '2,3,3')",
        "local a, b = table.unpack({1, 2}) assert(a == 1 and b == 2 and select('#', table.unpack({}, 1, 3)) == 3)",
        "local t = {3, 1, 2} table.sort(t) assert(table.concat(t, ',') == '1,2,3')",
        "local t = {} for i = 1, 500 do t[i] = {k = i % 7, i = i} end table.sort(t, function(a, b) return a.k < b.k end)\n"
        "for i = 2, 500 do assert(t[i-1].k < t[i].k or (t[i-1].k == t[i].k and t[i-1].i < t[i].i)) end",
        "local t = {'b', 'a', 'c'} table.sort(t, function(a, b) return a > b end) assert(table.concat(t) == 'cba')",
        "local c = coroutine.create(function(a) local b = coroutine.yield(a + 1) return b * 2 end)\n"
        "local _, x = coroutine.resume(c, 1) local _, y = coroutine.resume(c, 10) assert(x == 2 and y == 20)\n"
        "assert(coroutine.status(c) == 'dead' and coroutine.resume(c) == false)",
        "local ok, e = pcall(error, 'x', 0) assert(not ok and e == 'x')",
        "local w = coroutine.wrap(function() error('inside') end) local ok, e = pcall(w) assert(not ok and e:find('inside'))",
        "assert(('%5.2f|%-4d|%q|%x'):format(1.5, 7, 'a\"b', 255) == ' 1.50|7   |\"a\\\\\"b\"|ff')",
        "assert(('a'):rep(3, '-') == 'a-a-a' and ('a'):rep(0) == '' and ('a'):rep(-1) == '')",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) expect_good(good[i]);
    expect_error("table.concat({{}})", "element 1");
    expect_error("table.sort({1, 'a'})", "compare");
}

/* A kill leaves nothing behind: sandbox_free checks its own account; the parser's share is bounded by the size of the source. */
static void test_long_sources(void **state) {
    (void)state;
    Text source = text_new();
    for (int i = 0; source.size < 250 * 1024; i++) text_print(&source, "::l%d:: ", i);
    Outcome o = run(text_get(&source));
    assert_true(o.good || o.error.size > 0);
    outcome_free(&o);
    while (source.size < 300 * 1024) text_put(&source, "-- longer and longer\n");
    o = run(text_get(&source));
    assert_false(o.good);
    assert_non_null(strstr(text_get(&o.error), "too long"));
    outcome_free(&o);
    text_clear(&source);
    for (int i = 0; i < 100000; i++) text_put_char(&source, '(');
    o = run(text_get(&source));
    assert_false(o.good);
    outcome_free(&o);
    text_free(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attacks_end),       cmocka_unit_test(test_attacks_end_in_a_narrow_place),
        cmocka_unit_test(test_pcall),       cmocka_unit_test(test_kill_is_not_swallowed),
        cmocka_unit_test(test_kill_says_where),   cmocka_unit_test(test_what_is_gone),
        cmocka_unit_test(test_order_of_pairs),    cmocka_unit_test(test_no_addresses),
        cmocka_unit_test(test_random_is_the_streams), cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_tables),            cmocka_unit_test(test_long_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
