-- Greylisting (rows M9, M26): a server says 450 to whoever it does not know, and waits to see who comes back.
local s = scenario {
  title = { en = "Come back later", zh = "请稍后再来" },
  about = {
    en = "A stranger is told 450: try again later. A mail server has a queue and does; a spammer's program does not.",
    zh = "对陌生人回答 450：稍后再试。邮件服务器有消息队列，会再来；群发垃圾邮件的程序不会。",
  },
  seed = 262,
}

local grey = s:setting { name = "grey", default = "5m", en = "how long a stranger has to wait", zh = "陌生人要等多久" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
} }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "crepes.fr", mailboxes = { "alice" }, retry = "10m" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25", dns = "198.51.100.53" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" }, greylist = grey }
local spammer = s:host { name = "spammer", on = net, address = "198.51.100.66" }

s:script(function()
  for _, host in ipairs { dns, crepes, hamburger, spammer } do host:boot { quiet = true } end
  s:wait("1s")
  s:phase { en = "Strangers", zh = "陌生人" }
  s:beat {
    en = "A spammer's program: it says its text and goes. 450? It has thousands of addresses more, and no queue.",
    zh = "群发垃圾邮件的程序：说完就走。450？它还有成千上万个地址，没有消息队列。",
  }
  local line = spammer:connect { to = hamburger, port = 25 }
  line:wait()
  line:read()
  line:say("HELO cheap.example")
  line:read()
  line:say("MAIL FROM:<win@cheap.example>")
  line:read()
  line:say("RCPT TO:<bob@hamburger.edu>")
  local reply = line:read()
  s:expect("the spammer is told 450", reply ~= nil and reply.name == "450")
  line:say("QUIT")
  line:close()
  s:wait("2s")
  s:beat { en = "Alice's server is a stranger, too: 450. But it has a queue, and sets a timer.", zh = "Alice 的服务器也是陌生人：450。但它有消息队列，设了计时器。" }
  crepes:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Hello", text = "First time I write.\n" }
  s:wait_until(function(trace) return #trace:facts { name = "mail.deferred", host = crepes } == 1 end, "1m")
  s:expect("nothing lies in Bob's mailbox yet", function(trace) return #trace:facts { name = "mail.delivered" } == 0 end)
  s:phase { en = "Who comes back", zh = "谁会再来" }
  s:beat { en = "The timer runs out: the second try. Now the server knows this sender, and takes the letter.", zh = "计时器到：再次尝试。服务器认得这个发件人了，收下。" }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 1 end, "6h")
  s:expect("the second try was taken, after the time it had to wait", function(trace)
    local refused = trace:messages { proto = "smtp", name = "450", received_by = crepes }
    local delivered = trace:facts { name = "mail.delivered", host = hamburger }
    return #refused >= 1 and #delivered == 1 and delivered[1].t - refused[1].t >= 600 -- ten minutes: retry, above
  end)
  s:phase { en = "Known from now on", zh = "从此认识" }
  s:beat { en = "Alice's next letter is taken at once.", zh = "Alice 的下一封信立刻被接受。" }
  s:wait("5s")
  local before = s.now
  crepes:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Hello again", text = "Second time.\n" }
  s:wait("10s")
  s:expect("the next letter passes without delay", function(trace)
    return #trace:facts { name = "mail.delivered", host = hamburger, since = before } == 1
      and #trace:messages { proto = "smtp", name = "450", since = before } == 0
  end)
  s:expect("the spammer's letter never came", function(trace)
    for _, fact in ipairs(trace:facts { name = "mail.delivered" }) do
      if fact.fields.from ~= "alice@crepes.fr" then return false, fact.fields.from end
    end
    return true
  end)
end)
