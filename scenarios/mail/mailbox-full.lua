-- A full mailbox (row M9): 552 for ever, 452 for now. One is the user's limit, the other the machine's.
local s = scenario {
  title = { en = "The mailbox is full", zh = "邮箱满了" },
  about = {
    en = "Bob's mailbox has a quota. What does not fit is refused with 552, and Alice is told. A full disk says 452: try again.",
    zh = "Bob 的邮箱有配额，装不下就用 552 拒绝，Alice 会得到通知。磁盘满则是 452：稍后再试。",
  },
  seed = 92,
}

local quota = s:setting { name = "quota", default = 1200, en = "octets that Bob's mailbox holds", zh = "Bob 的邮箱容量（字节）" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
} }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "crepes.fr", mailboxes = { "alice" }, retry = "10m" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25", dns = "198.51.100.53" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { bob = { quota = quota }, carol = {} } }

local function write(to, lines)
  crepes:mail { from = "alice@crepes.fr", to = to, subject = "News", text = ("Forty octets of news for a full mailbox.\n"):rep(lines) }
end
local function delivered(trace, mailbox)
  local n, octets = 0, 0
  for _, fact in ipairs(trace:facts { name = "mail.delivered", host = hamburger }) do
    if fact.fields.mailbox == mailbox then n, octets = n + 1, octets + fact.fields.size end
  end
  return n, octets
end

local allowed = quota
s:expect_never("the mailbox holds more than its quota", function(trace)
  local _, octets = delivered(trace, "bob")
  return octets > allowed, octets .. " octets"
end)

s:script(function()
  dns:boot { quiet = true } crepes:boot { quiet = true } hamburger:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "It fits", zh = "装得下" }
  s:beat { en = "A first letter: there is room.", zh = "第一封：有空间。" }
  write("bob@hamburger.edu", 10)
  s:wait("5s")
  s:expect("the first letter is delivered", function(trace) return delivered(trace, "bob") == 1 end)
  s:phase { en = "It does not fit", zh = "装不下" }
  s:beat {
    en = "A second one. EHLO has offered SIZE, so MAIL FROM says how long it is; at RCPT TO Bob's server says 552: full.",
    zh = "第二封。EHLO 提供了 SIZE，所以 MAIL FROM 说明长度；RCPT TO 时 Bob 的服务器回答 552：满了。",
  }
  write("bob@hamburger.edu", 20)
  s:wait_message { proto = "smtp", name = "552", received_by = crepes, within = "1m" }
  s:beat { en = "A 5 in front: the letter goes back. Alice has a report in her mailbox.", zh = "首位 5：退信。Alice 的邮箱里有一份报告。" }
  s:wait("5s")
  s:expect("552 at RCPT TO: not an octet of it was sent, and Alice is told", function(trace)
    local told = trace:facts { name = "mail.reported", host = crepes }
    return #trace:messages { proto = "smtp", name = "mail", from = crepes } == 1 and #told == 1
      and told[1].fields.text:find("552", 1, true) == 1
  end)
  s:expect("the mailbox is as it was", function(trace) return delivered(trace, "bob") == 1 end)
  s:phase { en = "Room again", zh = "扩容" }
  s:beat { en = "Bob gets a larger quota. The same letter passes.", zh = "Bob 的配额加大。同一封信通过。" }
  allowed = quota * 10
  hamburger:mailbox { mailbox = "bob", quota = allowed }
  write("bob@hamburger.edu", 20)
  s:wait("5s")
  s:expect("now it is delivered", function(trace) return delivered(trace, "bob") == 2 end)

  s:phase { en = "The disk is full", zh = "磁盘满了" }
  s:beat {
    en = "Carol has no quota, but the server's disk is full: 452. A 4: not her fault, and not for ever.",
    zh = "Carol 没有配额限制，但服务器磁盘满了：452。首位 4：不是她的问题，也不是永远。",
  }
  hamburger:disk { size = 100 }
  write("carol@hamburger.edu", 20)
  s:wait_message { proto = "smtp", name = "452", received_by = crepes, within = "1m" }
  s:beat { en = "The letter stays in the queue of crepes.fr. The disk is cleared; the next try succeeds.", zh = "信留在 crepes.fr 的消息队列。清理磁盘后，下一次重试成功。" }
  hamburger:disk { size = 1000000 }
  s:wait_until(function(trace) return delivered(trace, "carol") == 1 end, "6h")
  s:expect("the letter to Carol came at the second try", function(trace)
    return delivered(trace, "carol") == 1 and #trace:facts { name = "mail.deferred", host = crepes } == 1
  end)
  s:wait("5s")
end)
