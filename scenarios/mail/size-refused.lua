-- Too big (row M19): a server takes messages up to a limit. With SIZE (RFC 1870) that is known before the first octet is sent.
local s = scenario {
  title = { en = "Too big", zh = "信太大" },
  about = {
    en = "552, three times: after all the octets, at MAIL FROM, and without asking. What SIZE saves is counted.",
    zh = "552 的三种时机：全部发完之后、MAIL FROM 时、根本不用问。数一数 SIZE 省了多少。",
  },
  seed = 19,
}

local limit = s:setting { name = "limit", default = 20000, en = "octets that the server takes, 50000 at most", zh = "服务器接收的上限（字节，不超过 50000）" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" }, size_limit = limit }
local old = s:host { name = "old-agent", on = net, address = "198.51.100.82" }
old:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25", ehlo = false }
local pc = s:host { name = "terminal", on = net, address = "198.51.100.77" }
local new = s:host { name = "new-agent", on = net, address = "198.51.100.101" }
new:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }

local big = ("A line of a letter that will not end, for it has much to say.\n"):rep(limit // 50)
local function octets_to(trace, host)
  local octets = 0
  for _, m in ipairs(trace:messages { proto = "tcp", from = host }) do
    if m.fields.data then octets = octets + (#m.fields.data + 1) // 3 end
  end
  return octets
end
-- How many octets of content the host put on the wire.
local function content_of(trace, host)
  local octets = 0
  for _, m in ipairs(trace:messages { proto = "smtp", name = "mail", from = host }) do octets = octets + #m.text end
  return octets
end

s:script(function()
  for _, host in ipairs { hamburger, old, pc, new } do host:boot { quiet = true } end
  s:wait("1s")
  s:phase { en = "Without SIZE", zh = "没有 SIZE" }
  s:beat {
    en = "An old user agent says HELO. It sends everything, and is told at the end: 552.",
    zh = "老的用户代理只会 HELO。它把信全部发完，最后得到：552。",
  }
  old:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Everything", text = big }
  s:wait_message { proto = "smtp", name = "552", received_by = old, within = "2m" }
  s:wait("3s")
  s:expect("all of it was sent for nothing", function(trace)
    local octets = content_of(trace, old)
    return octets > limit and #trace:facts { name = "mail.not_sent", host = old } == 1, octets .. " octets"
  end)

  s:phase { en = "SIZE at MAIL FROM", zh = "MAIL FROM 时的 SIZE" }
  s:beat { en = "By hand. EHLO lists the extensions: SIZE, with the limit.", zh = "手工输入。EHLO 列出扩展：SIZE 和上限。" }
  local line = pc:connect { to = hamburger, port = 25 }
  line:wait()
  line:read()
  line:say("EHLO student.example")
  local reply = line:read()
  s:expect("EHLO tells the limit", reply ~= nil and reply.text:find("SIZE " .. limit, 1, true) ~= nil)
  s:beat { en = "MAIL FROM with SIZE=1000000: 552, before a single octet of the letter.", zh = "MAIL FROM 带 SIZE=1000000：还没发一个字节的内容，就是 552。" }
  line:say("MAIL FROM:<alice@crepes.fr> SIZE=1000000")
  reply = line:read()
  s:expect("552 at MAIL FROM", reply ~= nil and reply.name == "552")
  line:say("MAIL FROM:<alice@crepes.fr> SIZE=1000")
  reply = line:read()
  s:expect("a size below the limit is welcome", reply ~= nil and reply.name == "250")
  line:say("QUIT")
  line:read()
  line:close()
  s:wait("2s")

  s:phase { en = "Without asking", zh = "不必问" }
  s:beat {
    en = "A user agent of today reads the limit, and does not even try: the user is told at once.",
    zh = "今天的用户代理读到上限，根本不发：立刻告诉用户。",
  }
  new:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Everything", text = big }
  s:wait("10s")
  s:expect("it sends none of the letter, and tells its user", function(trace)
    return content_of(trace, new) == 0 and #trace:facts { name = "mail.not_sent", host = new } == 1
  end)
  s:expect("SIZE has saved more than nine tenths of the octets", function(trace)
    local without, with = octets_to(trace, old), octets_to(trace, new)
    return with * 10 < without, without .. " octets, and " .. with
  end)
  s:expect("nothing was delivered", function(trace) return #trace:facts { name = "mail.delivered" } == 0 end)
end)
