-- Several recipients (row M11): one MAIL FROM, several RCPT TO, one DATA. Each recipient is answered on its own.
local s = scenario {
  title = { en = "Several recipients", zh = "多个收件人" },
  about = {
    en = "Four RCPT TO in one go: two are taken, one is refused for good (550), one for now (450). Each goes its own way.",
    zh = "一次四条 RCPT TO：两个被接受，一个永久被拒绝（550），一个暂时不行（450）。各走各的路。",
  },
  seed = 11,
}

local busy = s:setting { name = "busy", default = "15m", en = "how long Erin's mailbox is busy", zh = "Erin 的邮箱占用多久" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
} }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "crepes.fr", mailboxes = { "alice" }, retry = "10m", pipelining = false }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25", dns = "198.51.100.53" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { bob = {}, carol = {}, erin = { busy = true } } }

local function count(trace, query) return #trace:facts(query) end

s:script(function()
  dns:boot { quiet = true } crepes:boot { quiet = true } hamburger:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "Four recipients, one letter", zh = "四个收件人，一封信" }
  s:beat {
    en = "Alice writes to Bob, Carol, Nobody and Erin, all at hamburger.edu: one connection, one letter.",
    zh = "Alice 写给 hamburger.edu 的 Bob、Carol、Nobody 和 Erin：一个连接，一封信。",
  }
  crepes:mail {
    from = "alice@crepes.fr",
    to = { "bob@hamburger.edu", "carol@hamburger.edu", "nobody@hamburger.edu", "erin@hamburger.edu" },
    subject = "All of you", text = "The meeting is at ten.\n",
  }
  s:wait_message { proto = "smtp", name = "RCPT", from = crepes, within = "10s" }
  s:beat { en = "RCPT TO once for each. Bob: 250. Carol: 250.", zh = "每人一条 RCPT TO。Bob：250。Carol：250。" }
  s:wait_message { proto = "smtp", name = "550", received_by = crepes, within = "10s" }
  s:beat { en = "Nobody: 550, no such mailbox. A first digit 5: it makes no sense to try again.", zh = "Nobody：550，没有这个邮箱。首位 5：再试也没用。" }
  s:wait_message { proto = "smtp", name = "450", received_by = crepes, within = "10s" }
  s:beat { en = "Erin: 450, mailbox busy. A first digit 4: not now, try again later.", zh = "Erin：450，邮箱忙。首位 4：现在不行，稍后再试。" }
  s:wait_message { proto = "smtp", name = "354", received_by = crepes, within = "10s" }
  s:beat { en = "DATA all the same: the letter goes to those who were taken.", zh = "照样 DATA：信送给被接受的收件人。" }
  s:wait_until(function(trace) return count(trace, { name = "mail.delivered", host = hamburger }) == 2 end, "10s")
  s:wait("2s")
  s:expect("four RCPT TO, one DATA, one content", function(trace)
    return #trace:messages { proto = "smtp", name = "RCPT", from = crepes } == 4
      and #trace:messages { proto = "smtp", name = "DATA", from = crepes } == 1
      and #trace:messages { proto = "smtp", name = "mail", from = crepes } == 1
  end)
  s:expect("it lies in Bob's and Carol's mailboxes", function(trace)
    local delivered = trace:facts { name = "mail.delivered", host = hamburger }
    return #delivered == 2 and delivered[1].fields.mailbox == "bob" and delivered[2].fields.mailbox == "carol"
  end)

  s:phase { en = "What becomes of the others", zh = "其余的怎么办" }
  s:beat {
    en = "For Nobody the server writes a report to Alice: undeliverable. Erin's copy stays in the queue, and a timer runs.",
    zh = "Nobody 的那份：服务器给 Alice 写报告，无法投递。Erin 的那份留在队列，计时器在走。",
  }
  s:expect("Alice is told about Nobody, and only about Nobody", function(trace)
    local reported = trace:facts { name = "mail.reported", host = crepes }
    return #reported == 1 and reported[1].fields.recipient == "nobody@hamburger.edu" and reported[1].fields.to == "alice@crepes.fr"
      and count(trace, { name = "mail.delivered", host = crepes }) == 1
  end)
  s:wait(busy)
  hamburger:mailbox { mailbox = "erin", busy = false }
  s:wait_until(function(trace) return count(trace, { name = "mail.delivered", host = hamburger }) == 3 end, "12h")
  s:beat {
    en = "Erin's mailbox is free again. The next try names only Erin, and succeeds.",
    zh = "Erin 的邮箱空闲了。下一次重试只提 Erin，成功。",
  }
  s:wait("5s")
  s:expect("nobody gets a letter twice", function(trace)
    local seen = {}
    for _, fact in ipairs(trace:facts { name = "mail.delivered", host = hamburger }) do
      if seen[fact.fields.mailbox] then return false, fact.fields.mailbox end
      seen[fact.fields.mailbox] = true
    end
    return seen.bob and seen.carol and seen.erin
  end)
  s:expect("the queue of crepes is empty", function(trace)
    return count(trace, { name = "mail.queued", host = crepes }) == count(trace, { name = "mail.dequeued", host = crepes })
  end)
end)
