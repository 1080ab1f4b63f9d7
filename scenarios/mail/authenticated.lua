-- Who are you? (row M26): AUTH on the submission port 587. It proves the sender to the server; and without encryption the password lies open
-- on the wire.
local s = scenario {
  title = { en = "A password, in the open", zh = "明文的口令" },
  about = {
    en = "Port 587 takes mail only from users with a password. Base64 is no secret: whoever sees the segments can read it.",
    zh = "端口 587 只接受有口令的用户的信。base64 不是加密：看得到报文段的人就能读出口令。",
  },
  seed = 265,
}

local password = s:setting { name = "password", default = "sesame", en = "Alice's password", zh = "Alice 的口令" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
} }
local mallory = s:host { name = "mallory", on = net, address = "198.51.100.66" }
mallory:mail_agent { address = "alice@crepes.fr", server = "198.51.100.10", port = 587, user = "alice", password = "12345", retry = "1h", give_up = "30m" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.10", port = 587, user = "alice", password = password }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "crepes.fr", mailboxes = { "alice" }, users = { alice = password }, auth_required = true, ports = 587 }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }

-- ---- What an eavesdropper does -----------------------------------------------------------------------------------
local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function base64_decode(text)
  local bits, count, out = 0, 0, {}
  for c in text:gmatch("[%w%+/]") do
    bits = (bits << 6 | (digits:find(c, 1, true) - 1)) & 0xffffff
    count = count + 6
    if count >= 8 then
      count = count - 8
      out[#out + 1] = string.char(bits >> count & 255)
    end
  end
  return table.concat(out)
end
-- The octets of a host's segments.
local function octets_sent(trace, host)
  local parts = {}
  for _, m in ipairs(trace:messages { proto = "tcp", from = host }) do
    if m.fields.data then
      parts[#parts + 1] = m.fields.data:gsub("(%x%x):?", function(pair) return string.char(tonumber(pair, 16)) end)
    end
  end
  return table.concat(parts)
end

s:script(function()
  for _, host in ipairs { dns, mallory, alice, crepes, hamburger } do host:boot { quiet = true } end
  s:wait("1s")
  s:phase { en = "Without a password", zh = "没有口令" }
  s:beat { en = "By hand, and without AUTH: 530, authentication required.", zh = "手工输入，不用 AUTH：530，需要认证。" }
  local line = mallory:connect { to = crepes, port = 587 }
  line:wait()
  line:read()
  line:say("EHLO mallory.example")
  local reply = line:read()
  s:expect("EHLO offers AUTH", reply ~= nil and reply.text:find("AUTH PLAIN LOGIN", 1, true) ~= nil)
  line:say("MAIL FROM:<alice@crepes.fr>")
  reply = line:read()
  s:expect("no mail without a password: 530", reply ~= nil and reply.name == "530")
  line:say("QUIT")
  line:read()
  line:close()
  s:wait("2s")
  s:phase { en = "The wrong one", zh = "口令错误" }
  s:beat { en = "Mallory guesses: 12345. 535, that is not it.", zh = "Mallory 猜：12345。535，不对。" }
  mallory:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Trust me", text = "I am Alice.\n" }
  s:wait_message { proto = "smtp", name = "535", received_by = mallory, within = "1m" }
  s:wait("3s")
  s:phase { en = "The right one", zh = "口令正确" }
  s:beat { en = "Alice's user agent knows the password: AUTH PLAIN, 235. Now the server even relays for her.", zh = "Alice 的用户代理有口令：AUTH PLAIN，235。服务器也为她转发。" }
  alice:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Hello", text = "It is me.\n" }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 1 end, "1m")
  s:wait("3s")
  s:expect("only Alice is authenticated, and only her letter arrives", function(trace)
    local known = trace:facts { name = "smtp.authenticated", host = crepes }
    return #known == 1 and known[1].fields.user == "alice" and #trace:facts { name = "mail.delivered", host = hamburger } == 1
  end)
  s:expect("Mallory's guess was answered with 535", function(trace)
    return #trace:messages { proto = "smtp", name = "535", received_by = mallory } == 1
  end)
  s:phase { en = "On the wire", zh = "线路上" }
  s:beat {
    en = "Look at the segment with AUTH. Base64 only regroups bits; anybody on the way can undo it.",
    zh = "看带 AUTH 的报文段。base64 只是重新分组比特，途中任何人都能还原。",
  }
  s:expect("whoever sees the segments has the password", function(trace)
    local plain = octets_sent(trace, alice):match("AUTH PLAIN ([%w%+/=]+)")
    local found = plain and base64_decode(plain):match("\0([^\0]*)$")
    return found == password, found
  end)
  s:expect("and the letter itself", function(trace) return octets_sent(trace, alice):find("It is me.", 1, true) ~= nil end)
  s:say {
    en = "So today all of this runs inside an encrypted connection (STARTTLS, or port 465): a sealed pipe around the same dialogue.",
    zh = "所以今天这一切都在加密连接里进行（STARTTLS 或 465 端口）：同样的对话，外面套一根密封的管子。",
  }
end)
