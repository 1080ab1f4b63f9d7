-- Two letters over one connection (row M17): SMTP's connections persist; after one letter the next MAIL FROM may follow.
local s = scenario {
  title = { en = "Two letters, one connection", zh = "两封信，一个连接" },
  about = {
    en = "Port 25, persistent connection: set-up and release are paid once, however many letters go over it.",
    zh = "端口 25，持续连接：建立和释放只需一次，不管发几封信。",
  },
  seed = 17,
}

local letters = s:setting { name = "letters", default = 2, en = "how many letters", zh = "几封信" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
} }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "crepes.fr", mailboxes = { "alice" }, pipelining = false }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25", dns = "198.51.100.53" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob", "carol" } }

s:script(function()
  dns:boot { quiet = true } crepes:boot { quiet = true } hamburger:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "Set-up, once", zh = "建立连接：一次" }
  s:beat {
    en = "Letters for hamburger.edu wait in the queue of crepes.fr. One TCP connection, one greeting, one EHLO.",
    zh = "crepes.fr 的消息队列里有几封给 hamburger.edu 的信。一个 TCP 连接，一次问候，一次 EHLO。",
  }
  for i = 1, letters do
    crepes:mail { from = "alice@crepes.fr", to = i % 2 == 1 and "bob@hamburger.edu" or "carol@hamburger.edu",
      subject = "Letter " .. i, text = "This is letter " .. i .. ".\n" }
    s:wait("10ms")
  end
  s:wait_message { proto = "smtp", name = "MAIL", from = crepes, within = "10s" }
  s:phase { en = "The first letter", zh = "第一封" }
  s:beat { en = "MAIL, RCPT, DATA, the content, 250: the first letter is over.", zh = "MAIL、RCPT、DATA、内容、250：第一封信完成。" }
  s:wait_until(function(trace) return #trace:facts { name = "smtp.accepted", host = hamburger } == 1 end, "10s")
  s:phase { en = "The next letter", zh = "下一封" }
  s:beat {
    en = "No QUIT: the next MAIL FROM follows on the same connection.",
    zh = "不用 QUIT：同一个连接上接着下一个 MAIL FROM。",
  }
  s:wait_message { proto = "smtp", name = "QUIT", from = crepes, within = "60s" }
  s:phase { en = "Release, once", zh = "释放连接：一次" }
  s:beat { en = "Nothing more to send: QUIT.", zh = "没有要发的了：QUIT。" }
  s:wait("5s")
  s:expect("all letters lie in the mailboxes", function(trace)
    local n = #trace:facts { name = "mail.delivered", host = hamburger }
    return n == letters, n .. " delivered"
  end)
  s:expect("one connection to port 25, one EHLO, one QUIT; a MAIL, a DATA for each letter", function(trace)
    local opened = trace:messages { proto = "tcp", name = "SYN", from = crepes }
    local function said(name) return #trace:messages { proto = "smtp", name = name, from = crepes } end
    return #opened == 1 and opened[1].fields.destination_port == 25 and said("EHLO") == 1 and said("QUIT") == 1
      and said("MAIL") == letters and said("DATA") == letters
  end)
end)
