-- IDLE (row M21): the client must keep coming back, or stay and be told. The same mailbox read by a client that asks every five minutes (NOOP) and by
-- one that waits in IDLE.
local s = scenario {
  title = { en = "Ask again, or be told", zh = "反复询问，还是等通知" },
  about = {
    en = "A PC asks every five minutes whether there is new mail; a laptop says IDLE and is told. A letter arrives: who sees it when, and what did the waiting cost?",
    zh = "一台电脑每五分钟问一次有没有新邮件；笔记本说 IDLE，等服务器通知。一封信到了：谁先看到？等待的代价是多少？",
  },
  seed = 29,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "mail.hamburger.edu", domains = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "secret" } }
hamburger:imap_server {}
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local asks = s:host { name = "asks", on = net, address = "198.51.100.102" }
asks:imap_client { server = "198.51.100.25", user = "bob", password = "secret", idle = false, poll = "5m" }
local waits = s:host { name = "waits", on = net, address = "198.51.100.103" }
waits:imap_client { server = "198.51.100.25", user = "bob", password = "secret" }

local function commands(trace, host, name) return #trace:messages { proto = "imap", from = host, name = name } end

s:script(function()
  for _, host in ipairs { hamburger, alice, asks, waits } do host:boot { quiet = true } end
  s:phase { en = "Both are up to date", zh = "两台都是最新" }
  s:wait_until(function(trace) return #trace:facts { name = "imap.synchronized" } == 2 end, "10s")
  s:wait("2s")
  s:beat {
    en = "The mailbox is empty. One client sets an alarm: NOOP in five minutes. The other says IDLE, and the server answers: + idling.",
    zh = "邮箱是空的。一台设好闹钟：五分钟后 NOOP。另一台说 IDLE，服务器答：+ idling。",
  }
  s:wait("61m")
  s:phase { en = "An hour of silence", zh = "安静的一小时" }
  s:say {
    en = ("In an hour the first has asked %d times in vain; the second has begun IDLE anew %d times, since 29 minutes without a word are the limit."):format(commands(s.trace, asks, "NOOP"), commands(s.trace, waits, "DONE")),
    zh = ("一小时里，第一台白问了 %d 次；第二台重新开始 IDLE %d 次，因为不说话最多 29 分钟。"):format(commands(s.trace, asks, "NOOP"), commands(s.trace, waits, "DONE")),
  }
  s:expect("twelve times asked in vain", commands(s.trace, asks, "NOOP") == 12)
  s:expect("IDLE was begun anew twice", commands(s.trace, waits, "DONE") == 2 and commands(s.trace, waits, "IDLE") == 3)

  s:phase { en = "A letter", zh = "来信" }
  s:beat { en = "Alice writes. Watch who learns of it first.", zh = "Alice 来信。看谁先知道。" }
  alice:mail { from = "Alice <alice@crepes.fr>", to = "bob@hamburger.edu", subject = "Are you there?", text = "Hello?\n" }
  s:wait_until(function(trace) return #trace:facts { name = "imap.header", host = waits } == 1 end, "1m")
  s:beat {
    en = "IDLE: * 1 EXISTS came by itself. DONE, and the header is fetched. The other knows nothing yet.",
    zh = "IDLE：* 1 EXISTS 自己来了。说 DONE，取首部。另一台还不知道。",
  }
  s:wait_until(function(trace) return #trace:facts { name = "imap.header", host = asks } == 1 end, "10m")
  s:wait("1s")
  s:expect("who waits in IDLE knows within a second, who asks within five minutes and not before its turn", function(trace)
    local delivered = trace:facts { name = "mail.delivered", host = hamburger }[1].t
    local told = trace:facts { name = "imap.header", host = waits }[1].t - delivered
    local asked = trace:facts { name = "imap.header", host = asks }[1].t - delivered
    return told < 1 and asked > 10 and asked <= 300, ("%.3f s and %.0f s"):format(told, asked)
  end)
end)
