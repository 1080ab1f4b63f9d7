-- Two devices (row M21): Bob reads the same mailbox on his PC and on his laptop. Flags are kept at the server, so both see the same; IDLE tells the
-- other at once.
local s = scenario {
  title = { en = "Two devices, one mailbox", zh = "两台设备，一个邮箱" },
  about = {
    en = "What Bob reads, flags, files or deletes on his PC, his laptop shows a moment later; and the other way round. One of them sleeps for a while and catches up.",
    zh = "Bob 在电脑上读信、加标志、归档、删除，笔记本马上显示出来；反过来也一样。其中一台睡了一会儿，醒来后赶上。",
  },
  seed = 2,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "mail.hamburger.edu", domains = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "secret" } }
hamburger:imap_server { folders = { Archive = "archive" } }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local pc = s:host { name = "bob-pc", on = net, address = "198.51.100.102" }
local laptop = s:host { name = "bob-laptop", on = net, address = "198.51.100.103" }
for _, host in ipairs { pc, laptop } do host:imap_client { server = "198.51.100.25", user = "bob", password = "secret" } end

local function last(trace, name, host)
  local facts = trace:facts { name = name, host = host }
  return facts[#facts] and facts[#facts].fields
end

s:script(function()
  hamburger:boot { quiet = true } alice:boot { quiet = true }
  s:wait("1s")
  for i = 1, 3 do alice:mail { from = "Alice <alice@crepes.fr>", to = "bob@hamburger.edu", subject = "Letter " .. i, text = "Number " .. i .. ".\n" } end
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 3 end, "20s")
  s:wait("1s")

  s:phase { en = "Both log in", zh = "两台都登录" }
  s:beat {
    en = "Two sessions on one mailbox. Each fetches the headers; each then says IDLE.",
    zh = "同一个邮箱上的两个会话。各自取首部，然后各自说 IDLE。",
  }
  pc:boot { quiet = true } laptop:boot { quiet = true }
  s:wait_until(function(trace) return #trace:facts { name = "imap.synchronized" } == 2 end, "10s")
  s:wait("2s")

  s:phase { en = "Read on the PC", zh = "在电脑上读" }
  s:beat {
    en = "Bob opens letter 1 on his PC. The server marks it \\Seen, and tells the laptop without being asked: * 1 FETCH (FLAGS (\\Seen)).",
    zh = "Bob 在电脑上打开第 1 封信。服务器打上 \\Seen，并且不用问就告知笔记本：* 1 FETCH (FLAGS (\\Seen))。",
  }
  pc:mail_open(1)
  s:wait_until(function(trace) return last(trace, "imap.flag_heard", laptop) ~= nil end, "10s")
  s:wait("2s")
  s:expect("the laptop has heard of it, within a second of the PC's STORE", function(trace)
    local heard = trace:facts { name = "imap.flag_heard", host = laptop }[1]
    local stored = trace:messages { proto = "imap", name = "UID STORE", from = pc }[1]
    return heard.fields.flags == "\\Seen" and heard.fields.uid == 1 and heard.t - stored.t < 1
  end)

  s:phase { en = "Flagged on the laptop", zh = "在笔记本上加标志" }
  s:beat { en = "The laptop flags letter 2; the PC shows the star.", zh = "笔记本给第 2 封信加上 \\Flagged；电脑上也出现星标。" }
  laptop:mail_flag(2, "\\Flagged")
  s:wait_until(function(trace) return last(trace, "imap.flag_heard", pc) ~= nil end, "10s")
  s:wait("2s")
  s:expect("the PC has heard of it", function(trace)
    local heard = last(trace, "imap.flag_heard", pc)
    return heard ~= nil and heard.uid == 2 and heard.flags == "\\Flagged"
  end)

  s:phase { en = "Filed and deleted", zh = "归档与删除" }
  s:beat {
    en = "The laptop goes to sleep. Meanwhile the PC files letter 1 and deletes letter 2: the letters behind them move up in number, their UIDs stay.",
    zh = "笔记本睡眠。这时电脑把第 1 封归档、删除第 2 封：后面的信序号前移，UID 不变。",
  }
  laptop:mail_disconnect()
  s:wait("2s")
  pc:mail_file(1, "Archive")
  pc:mail_delete(2)
  s:wait_until(function(trace) return last(trace, "imap.deleted", pc) ~= nil end, "10s")
  alice:mail { from = "Alice <alice@crepes.fr>", to = "bob@hamburger.edu", subject = "Letter 4", text = "Number 4.\n" }
  s:wait("5s")

  s:phase { en = "Catching up", zh = "赶上" }
  s:beat {
    en = "The laptop wakes: UIDVALIDITY is the same, so what it knows still counts. It asks for the flags of UIDs 1 to 3, and only then for new headers.",
    zh = "笔记本醒来：UIDVALIDITY 没变，已知的仍然有效。它先问 UID 1 到 3 的标志，再只取新信的首部。",
  }
  local since = s.now
  laptop:mail_connect()
  s:wait_until(function(trace) return #trace:facts { name = "imap.synchronized", host = laptop, since = since } == 1 end, "10s")
  s:wait("2s")
  s:expect("it has learned that letters 1 and 2 are gone", function(trace)
    local gone = trace:facts { name = "imap.message_gone", host = laptop, since = since }
    return #gone == 2 and gone[1].fields.uid + gone[2].fields.uid == 3
  end)
  s:expect("it has fetched one header: that of letter 4", function(trace)
    local headers = trace:facts { name = "imap.header", host = laptop, since = since }
    return #headers == 1 and headers[1].fields.subject == "Letter 4" and headers[1].fields.uid == 4 and headers[1].fields.number == 2
  end)
  s:expect("both devices know the same two letters", function(trace)
    local known, inbox = last(trace, "imap.synchronized", laptop), nil
    for _, fact in ipairs(trace:facts { name = "mailbox.changed", host = hamburger }) do
      if fact.fields.mailbox == "INBOX" then inbox = fact.fields end
    end
    return known.messages == 2 and known.unseen == 2 and inbox.messages == 2 and inbox.unseen == 2
  end)
end)
