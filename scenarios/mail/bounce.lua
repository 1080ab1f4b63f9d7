-- What the sender is told (row M3): rejected at once, rejected later, lost in time. And a report is never answered by another report.
local s = scenario {
  title = { en = "Return to sender", zh = "退信" },
  about = {
    en = "Three ways for a letter to fail, and what Alice learns each time: rejected at RCPT, bounced later, expired in the queue.",
    zh = "一封信的三种失败，以及 Alice 每次得知什么：RCPT 时被拒绝、随后被退回、在队列中过期。",
  },
  seed = 3,
}

local give_up = s:setting { name = "give_up", default = "5d", en = "how long the queue keeps trying", zh = "消息队列坚持多久" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
  ["gone.example"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.99" } } },
} }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.10" }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "crepes.fr", mailboxes = { "alice" }, trusted = "198.51.100.101", give_up = give_up, warn = 0 }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25", dns = "198.51.100.53" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }

local function reports(trace) return trace:facts { name = "mail.reported", host = crepes } end
local function write(to, more)
  local letter = { from = "alice@crepes.fr", to = to, subject = "Hello", text = "Are you there?\n" }
  for key, value in pairs(more or {}) do letter[key] = value end
  alice:mail(letter)
end

s:script(function()
  for _, host in ipairs { dns, alice, crepes, hamburger } do host:boot { quiet = true } end
  s:wait("1s")

  s:phase { en = "Rejected at once", zh = "当场被拒绝" }
  s:beat {
    en = "A slip of the pen: alise@crepes.fr. Alice's own server knows its mailboxes, and says 550 while she waits.",
    zh = "笔误：alise@crepes.fr。Alice 自己的服务器知道有哪些邮箱，当场回答 550。",
  }
  write("alise@crepes.fr")
  s:wait_until(function(trace) return #trace:facts { name = "mail.not_sent", host = alice } == 1 end, "1m")
  s:expect("her user agent shows the refusal; there is no report by mail", function(trace)
    local shown = trace:facts { name = "mail.not_sent", host = alice }
    return #shown == 1 and shown[1].fields.code == 550 and #reports(trace) == 0
  end)
  s:wait("3s")

  s:phase { en = "Bounced", zh = "被退回" }
  s:beat {
    en = "To nobody@hamburger.edu: her server takes the letter. Only later hamburger.edu says 550.",
    zh = "寄给 nobody@hamburger.edu：她的服务器先收下。随后 hamburger.edu 才说 550。",
  }
  write("nobody@hamburger.edu")
  s:wait_message { proto = "smtp", name = "550", received_by = crepes, within = "1m" }
  s:beat {
    en = "Alice's server now has a letter that it can't deliver. It writes to Alice: undeliverable, and why.",
    zh = "Alice 的服务器手里有一封无法投递的信。它给 Alice 写报告：未送达，以及原因。",
  }
  s:wait_until(function(trace) return #reports(trace) == 1 end, "1m")
  s:wait("3s")
  s:expect("the report is in Alice's mailbox, says who and why, and has no sender on its envelope", function(trace)
    local told, delivered = reports(trace)[1], trace:facts { name = "mail.delivered", host = crepes }
    return told.fields.recipient == "nobody@hamburger.edu" and told.fields.text:sub(1, 3) == "550" and #delivered == 1
      and delivered[1].fields.mailbox == "alice" and delivered[1].fields.from == "", told.fields.text
  end)

  s:phase { en = "Expired", zh = "在队列中过期" }
  s:beat {
    en = "To somebody@gone.example: the domain exists, its server does not answer. The queue tries for days…",
    zh = "寄给 somebody@gone.example：域名存在，服务器却不应答。消息队列坚持好几天……",
  }
  local before = s.now
  write("somebody@gone.example")
  s:wait_until(function(trace) return #reports(trace) == 2 end, "10d")
  s:beat { en = "…and gives up. Alice is told: lost, after all this time.", zh = "……最后放弃，并告诉 Alice：没有送达。" }
  s:wait("3s")
  s:expect("it was tried many times, and given up when its time was over", function(trace)
    local tries = #trace:facts { name = "mail.deferred", host = crepes, since = before }
    local told = reports(trace)[2]
    return tries >= 3 and told.fields.recipient == "somebody@gone.example", tries .. " tries"
  end)

  s:phase { en = "No report about a report", zh = "报告不再有报告" }
  s:beat {
    en = "And if nobody is there to be told? A letter with an invented sender bounces to him, and is refused. That is the end.",
    zh = "如果没有人可以通知呢？发件人是编造的，退信也被拒绝。到此为止。",
  }
  before = s.now
  write("nobody@hamburger.edu", { envelope = { from = "invented@hamburger.edu", to = "nobody@hamburger.edu" } })
  s:wait("1d")
  s:expect("the report travels with a null reverse-path: MAIL FROM:<>", function(trace)
    for _, m in ipairs(trace:messages { proto = "smtp", name = "MAIL", from = crepes, since = before }) do
      if m.text:find("FROM:<>", 1, true) then return true end
    end
    return false
  end)
  s:expect("it is refused, and that is all: a day later nobody has written again", function(trace)
    local refused = trace:facts { name = "mail.refused", host = crepes, since = before }
    return #refused == 2 and refused[2].fields.recipient == "invented@hamburger.edu"
      and #trace:facts { name = "mail.reported", since = before } == 1
  end)
  s:expect("the queues are empty", function(trace)
    return #trace:facts { name = "mail.queued" } == #trace:facts { name = "mail.dequeued" }
  end)
end)
