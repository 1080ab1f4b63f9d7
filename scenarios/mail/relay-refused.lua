-- Relaying (row M26): whose mail does a server pass on? Open relays carried the world's spam; today strangers are refused.
local s = scenario {
  title = { en = "Not for strangers", zh = "不为陌生人转发" },
  about = {
    en = "One server relays for anybody, the other for those it knows. Alice is known; the spammer is not.",
    zh = "一台服务器为任何人转发，另一台只为认识的人转发。它认识 Alice，不认识发垃圾邮件的人。",
  },
  seed = 263,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
} }
local open = s:host { name = "open-relay", on = net, address = "198.51.100.82", dns = "198.51.100.53" }
open:mail_server { name = "open.example", trusted = "0.0.0.0/0" }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "crepes.fr", mailboxes = { "alice" }, trusted = "198.51.100.101" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }
local spammer = s:host { name = "spammer", on = net, address = "198.51.100.66" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.10" }

-- The spammer hands a letter for Bob to a server that is not Bob's. What RCPT TO was answered.
local function try(server)
  local line = spammer:connect { to = server, port = 25 }
  line:wait()
  line:read()
  line:say("HELO cheap.example")
  line:read()
  line:say("MAIL FROM:<alice@crepes.fr>")
  line:read()
  line:say("RCPT TO:<bob@hamburger.edu>")
  local answer = line:read()
  if answer and answer.name == "250" then
    line:say("DATA")
    line:read()
    line:say("Subject: WIN\r\n\r\nMoney!\r\n.")
    line:read()
  end
  line:say("QUIT")
  line:read()
  line:close()
  s:wait("3s")
  return answer and answer.name
end

s:script(function()
  for _, host in ipairs { dns, open, crepes, hamburger, spammer, alice } do host:boot { quiet = true } end
  s:wait("1s")
  s:phase { en = "An open relay", zh = "开放中继" }
  s:beat {
    en = "The spammer gives an open relay a letter for Bob. It is not Bob's server and not the spammer's; it passes it on all the same.",
    zh = "发垃圾邮件的人把给 Bob 的信交给开放中继。它既不是 Bob 的也不是他的服务器，却照样转发。",
  }
  local code = try(open)
  s:expect("the open relay takes it", code == "250")
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 1 end, "1m")
  s:expect("it comes to Bob from the relay's address: the spammer is hidden", function(trace)
    local got = trace:messages { proto = "smtp", name = "mail", received_by = hamburger }
    return #got == 1 and got[1].src == "198.51.100.82"
  end)
  s:phase { en = "Refused", zh = "拒绝转发" }
  s:beat {
    en = "Alice's server is asked for the same: neither is Bob its user, nor does it know the client. 550, relaying denied.",
    zh = "再去找 Alice 的服务器：Bob 不是它的用户，它也不认识这个客户。550，拒绝转发。",
  }
  code = try(crepes)
  s:expect("crepes refuses the stranger", code == "550")
  s:phase { en = "For its own", zh = "为自己人" }
  s:beat {
    en = "For Alice it does relay: it knows her address (or her password, see authenticated).",
    zh = "为 Alice 就转发：它认识她的地址（或口令，见 authenticated）。",
  }
  alice:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Hello", text = "It is really me.\n" }
  s:wait("10s")
  s:expect("Alice's letter goes through crepes to Bob", function(trace)
    local got = trace:messages { proto = "smtp", name = "mail", received_by = hamburger }
    return #got == 2 and got[2].src == "198.51.100.10" and #trace:facts { name = "mail.delivered", host = hamburger } == 2
  end)
  s:expect("no letter of the spammer's went through crepes", function(trace)
    return #trace:facts { name = "mail.queued", host = crepes } == 1
  end)
end)
