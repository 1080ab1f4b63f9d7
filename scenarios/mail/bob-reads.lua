-- Bob reads (rows M1 and M5, whole): from Alice's first keystroke to what stands on Bob's screen, and his answer back. Her user agent, her server
-- and its queue, DNS, Bob's server, his mailbox, IMAP; then the same way back, and Alice fetches by POP3.
local s = scenario {
  title = { en = "Bob reads", zh = "Bob 读信" },
  about = {
    en = "The whole chain: Alice writes while Bob's PC is off; Bob switches on, reads and answers; Alice fetches his answer.",
    zh = "完整的一条链：Bob 的电脑关着时 Alice 写信；Bob 开机，读信，回信；Alice 取回他的回信。",
  },
  seed = 15,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["crepes.fr"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.10" } } },
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
} }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101", dns = "198.51.100.53" }
alice:mail_agent { address = "alice@crepes.fr", server = "mail.crepes.fr" }
alice:pop3_client { server = "mail.crepes.fr", user = "alice", password = "pancake", mode = "delete" }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "mail.crepes.fr", domains = "crepes.fr", mailboxes = { "alice" }, users = { alice = "pancake" }, trusted = "198.51.100.101" }
crepes:pop3_server {}
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25", dns = "198.51.100.53" }
hamburger:mail_server { name = "mail.hamburger.edu", domains = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "ketchup" }, trusted = "198.51.100.102" }
hamburger:imap_server { folders = { Sent = "sent" } }
local bob = s:host { name = "bob-pc", on = net, address = "198.51.100.102", dns = "198.51.100.53" }
bob:mail_agent { address = "bob@hamburger.edu", server = "mail.hamburger.edu" }
bob:imap_client { server = "mail.hamburger.edu", user = "bob", password = "ketchup", sent = "Sent" }

local function first(trace, name, host) return trace:facts { name = name, host = host }[1] end
-- The names of the messages that led to a record, from the first on; and whether a command stands at the beginning.
local function story(trace, record, proto)
  local names, causes = {}, trace:causes(record)
  for i = #causes, 1, -1 do
    local cause = causes[i]
    if cause.kind == "message" and cause.machine and cause.machine:sub(1, #proto) == proto then names[#names + 1] = cause.name end
  end
  return table.concat(names, " "), causes[#causes].kind == "command"
end

s:script(function()
  for _, host in ipairs { dns, alice, crepes, hamburger } do host:boot { quiet = true } end
  s:wait("1s")

  s:phase { en = "Alice writes", zh = "Alice 写信" }
  s:beat {
    en = "Alice writes and sends. Her user agent pushes the letter to her own server, which answers 250: it is on its disk.",
    zh = "Alice 写好并发送。用户代理把信推给她自己的服务器；服务器回答 250：已写入磁盘。",
  }
  alice:mail {
    from = "Alice <alice@crepes.fr>", to = "Bob <bob@hamburger.edu>", subject = "Lunch",
    text = "Do you like ketchup?\nHow about pickles?\n",
  }
  s:wait_until(function(trace) return first(trace, "mail.delivered", hamburger) ~= nil end, "1m")
  s:wait("1s")

  s:phase { en = "The mailbox waits", zh = "邮箱在等" }
  s:beat {
    en = "Her server has found Bob's by DNS and passed the letter on. It lies in Bob's mailbox: one letter, unread. Bob's PC is off.",
    zh = "她的服务器通过 DNS 找到 Bob 的服务器，把信交了过去。信在 Bob 的邮箱里：一封，未读。Bob 的电脑关着。",
  }
  s:expect("the letter waits for Bob, whose PC is off", function(trace)
    local changed = first(trace, "mailbox.changed", hamburger).fields
    return not bob.powered and changed.messages == 1 and changed.unseen == 1
  end)
  s:expect("what put it there goes back to Alice's command, by two dialogues: hers with her server, its with Bob's", function(trace)
    local names, commanded = story(trace, first(trace, "mail.delivered", hamburger), "smtp")
    return commanded and names:find("EHLO .*DATA .*mail .*EHLO .*DATA .*mail") ~= nil, names
  end)
  s:wait("3h")

  s:phase { en = "Bob switches on", zh = "Bob 开机" }
  s:beat {
    en = "Three hours later. Bob's mail reader opens a connection to his server, port 143, logs in and asks for the envelopes.",
    zh = "三小时后。Bob 的邮件阅读器与他的服务器建立连接（端口 143），登录，取信封。",
  }
  bob:boot { quiet = true }
  s:wait_until(function(trace) return first(trace, "imap.synchronized", bob) ~= nil end, "10s")
  s:wait("2s")
  s:expect("he sees who wrote and what about, before he has the letter", function(trace)
    local header = first(trace, "imap.header", bob).fields
    return header.subject == "Lunch" and #trace:facts { name = "imap.opened", host = bob } == 0
  end)

  s:phase { en = "Bob reads", zh = "Bob 读信" }
  s:beat {
    en = "He opens it: the text is fetched now (pull), and the letter is marked as read. It stays at the server.",
    zh = "他打开信：现在才取正文（拉），信被标为已读。信留在服务器上。",
  }
  bob:mail_open(1)
  s:wait_until(function(trace) return first(trace, "imap.opened", bob) ~= nil end, "10s")
  s:wait("2s")
  s:expect("what Bob reads is what Alice wrote", function(trace)
    local opened = first(trace, "imap.opened", bob).fields
    return opened.text == "Do you like ketchup?\r\nHow about pickles?\r\n", opened.text
  end)
  s:expect("it is read, and still there", function(trace)
    local changed = trace:facts { name = "mailbox.changed", host = hamburger }
    local now = changed[#changed].fields
    return now.messages == 1 and now.unseen == 0
  end)

  s:phase { en = "Bob answers", zh = "Bob 回信" }
  s:beat {
    en = "He answers. The same way back: push to his server, its queue, DNS, Alice's server. His reader keeps a copy at the server, in Sent.",
    zh = "他回信。同样的路走回去：推给他的服务器、队列、DNS、Alice 的服务器。阅读器在服务器的 Sent 里留一份。",
  }
  bob:mail { from = "Bob <bob@hamburger.edu>", to = "Alice <alice@crepes.fr>", subject = "Re: Lunch", text = "Pickles, please.\n" }
  s:wait_until(function(trace) return first(trace, "mail.delivered", crepes) ~= nil end, "1m")
  s:wait("3s")
  s:expect("a copy lies in Bob's Sent", function(trace)
    for _, fact in ipairs(trace:facts { name = "mailbox.changed", host = hamburger }) do
      if fact.fields.mailbox == "Sent" and fact.fields.messages == 1 then return true end
    end
    return false
  end)

  s:phase { en = "Alice fetches", zh = "Alice 取信" }
  s:beat {
    en = "Alice's PC speaks POP3: it fetches the letter whole, writes it to its disk, and only then deletes it at the server.",
    zh = "Alice 的电脑用 POP3：整封取回，写入自己的磁盘，然后才在服务器上删除。",
  }
  alice:check_mail()
  s:wait_until(function(trace) return first(trace, "pop3.done", alice) ~= nil end, "1m")
  s:wait("2s")
  s:expect("Alice has Bob's answer, and her mailbox at the server is empty", function(trace)
    local there, here = trace:facts { name = "mailbox.changed", host = crepes }, trace:facts { name = "mailbox.changed", host = alice }
    return #here > 0 and here[#here].fields.messages == 1 and there[#there].fields.messages == 0
  end)
  s:expect("nothing is left in the queues", function(trace)
    return #trace:facts { name = "mail.queued" } == 4 and #trace:facts { name = "mail.dequeued" } == 4
  end)
end)
