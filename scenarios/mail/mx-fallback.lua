-- Which server? (row M10): MX records with preferences. The lowest is tried first; if it does not answer, the next.
local s = scenario {
  title = { en = "The backup takes it", zh = "备用服务器接收" },
  about = {
    en = "hamburger.edu has two mail exchangers: mail (10) and backup (20). mail is down; backup keeps the letter until it is back.",
    zh = "hamburger.edu 有两个邮件交换器：mail（10）和 backup（20）。mail 停机，backup 先收下，等它恢复再转交。",
  },
  seed = 10,
}

local down = s:setting { name = "down", default = "45m", en = "how long mail is down", zh = "mail 停机多久" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["hamburger.edu"] = { records = {
    { "@", "MX", 10, "mail" }, { "@", "MX", 20, "backup" },
    { "mail", "A", "198.51.100.25" }, { "backup", "A", "198.51.100.26" },
  } },
} }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "crepes.fr", mailboxes = { "alice" } }
local mail = s:host { name = "mail", on = net, address = "198.51.100.25", dns = "198.51.100.53" }
mail:mail_server { name = "mail.hamburger.edu", domains = "hamburger.edu", mailboxes = { "bob" } }
local backup = s:host { name = "backup", on = net, address = "198.51.100.26", dns = "198.51.100.53" }
-- It holds no mailboxes: what it takes, it passes on. It takes from crepes, as it would from anybody for this domain.
backup:mail_server { name = "backup.hamburger.edu", trusted = "198.51.100.10", retry = "15m" }

s:script(function()
  dns:boot { quiet = true } crepes:boot { quiet = true } backup:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "The first choice", zh = "首选" }
  s:beat {
    en = "A letter for bob@hamburger.edu. DNS names two exchangers; the smaller number comes first: mail.",
    zh = "一封给 bob@hamburger.edu 的信。DNS 给出两个交换器，数值小的优先：mail。",
  }
  crepes:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Anybody?", text = "Hello?\n" }
  s:wait_message { proto = "dns", name = "response", received_by = crepes, within = "5s" }
  s:beat { en = "mail is switched off: nobody answers.", zh = "mail 关机了：没有回应。" }
  s:wait_message { proto = "tcp", name = "SYN", received_by = backup, within = "10m" }
  s:phase { en = "The second choice", zh = "备选" }
  s:beat { en = "So the next one: backup. It takes the letter, and the responsibility.", zh = "那就下一个：backup。它收下信，也担起责任。" }
  s:wait_until(function(trace) return #trace:facts { name = "smtp.accepted", host = backup } == 1 end, "10m")
  s:wait("5s")
  s:expect("crepes looked for mail first, then went to backup", function(trace)
    local asked
    for _, m in ipairs(trace:messages { proto = "arp", from = crepes }) do
      if m.fields.tpa == "198.51.100.25" then asked = m.t break end
    end
    local syn = trace:messages { proto = "tcp", name = "SYN", received_by = backup }
    return asked ~= nil and #syn == 1 and asked < syn[1].t
  end)
  s:expect("crepes is done with it", function(trace) return #trace:facts { name = "mail.dequeued", host = crepes } == 1 end)
  s:beat {
    en = "backup has the letter in its queue. Of the two exchangers only those better than itself are worth trying: mail.",
    zh = "信在 backup 的消息队列里。只有比自己更优先的交换器才值得试：mail。",
  }
  s:wait(down)
  s:phase { en = "Back again", zh = "恢复" }
  s:beat { en = "mail is back. At the next try backup hands the letter over.", zh = "mail 恢复了。下一次重试时 backup 把信交给它。" }
  mail:boot { quiet = true }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = mail } == 1 end, "12h")
  s:wait("5s")
  s:expect("the letter lies in Bob's mailbox, once", function(trace)
    local delivered = trace:facts { name = "mail.delivered" }
    return #delivered == 1 and delivered[1].fields.mailbox == "bob"
  end)
  s:expect("backup tried before and put it off", function(trace) return #trace:facts { name = "mail.deferred", host = backup } >= 1 end)
end)
