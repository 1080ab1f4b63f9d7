-- Delivered (row M3): the sender may ask for good news, too (NOTIFY=SUCCESS, RFC 3461). Who reports depends on what the servers know.
local s = scenario {
  title = { en = "Please confirm", zh = "请确认送达" },
  about = {
    en = "Alice asks for a report of success. Bob's server confirms; an older one cannot, so hers says: passed on.",
    zh = "Alice 要求成功报告。Bob 的服务器会确认；老服务器不会，于是她的服务器报告：已转交。",
  },
  seed = 33,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["crepes.fr"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.10" } } },
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
  ["old.example"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.82" } } },
} }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "mail.crepes.fr", domains = "crepes.fr", mailboxes = { "alice" } }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25", dns = "198.51.100.53" }
hamburger:mail_server { name = "mail.hamburger.edu", domains = "hamburger.edu", mailboxes = { "bob" } }
local old = s:host { name = "old", on = net, address = "198.51.100.82", dns = "198.51.100.53" }
old:mail_server { name = "mail.old.example", domains = "old.example", mailboxes = { "bob" }, extensions = { "SIZE" } }

local function write(to)
  crepes:mail {
    from = "alice@crepes.fr", to = to, subject = "Confirm", text = "Did you get this?\n",
    notify = { "success", "failure" }, ret = "headers", envid = "order-42",
  }
end
local function reports(trace, host) return trace:facts { name = "mail.reported", host = host } end

s:script(function()
  for _, host in ipairs { dns, crepes, hamburger, old } do host:boot { quiet = true } end
  s:wait("1s")
  s:phase { en = "Confirmed", zh = "已交付" }
  s:beat {
    en = "RCPT TO … NOTIFY=SUCCESS,FAILURE: hamburger.edu offers DSN, so the wish travels along with the envelope.",
    zh = "RCPT TO … NOTIFY=SUCCESS,FAILURE：hamburger.edu 支持 DSN，这个愿望随信封一起送去。",
  }
  write("bob@hamburger.edu")
  s:wait_until(function(trace) return #reports(trace, hamburger) == 1 end, "1m")
  s:beat {
    en = "Delivered. Bob's server writes a report to Alice, in three parts: for people, for programs, and the letter's header.",
    zh = "已交付。Bob 的服务器给 Alice 写报告，三个部分：给人看的、给程序看的、原信的首部。",
  }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = crepes } == 1 end, "1m")
  s:wait("3s")
  s:expect("the wish was said at RCPT TO", function(trace)
    return trace:messages { proto = "smtp", name = "RCPT", from = crepes }[1].text:find("NOTIFY=SUCCESS,FAILURE", 1, true) ~= nil
  end)
  s:expect("the report is a multipart/report that names action, recipient and Alice's order number", function(trace)
    local got = trace:messages { proto = "smtp", name = "mail", received_by = crepes }
    local text = #got > 0 and got[1].text or ""
    for _, part in ipairs { "multipart/report", "Action: delivered", "Final-Recipient: rfc822;", "bob@hamburger.edu",
      "Original-Envelope-Id: order-42", "Status: 2." } do
      if not text:find(part, 1, true) then return false, "lacks " .. part end
    end
    return true
  end)
  s:expect("it has no sender on its envelope, and lies in Alice's mailbox", function(trace)
    local got = trace:facts { name = "mail.delivered", host = crepes }
    return #got == 1 and got[1].fields.mailbox == "alice" and got[1].fields.from == ""
  end)

  s:phase { en = "Passed on", zh = "已转交" }
  s:beat {
    en = "old.example has never heard of reports. So Alice's own server tells her as much as it knows: passed on.",
    zh = "old.example 不懂报告。于是 Alice 自己的服务器把它所知道的告诉她：已转交。",
  }
  write("bob@old.example")
  s:wait("10s")
  s:expect("to old.example the wish is not even said", function(trace)
    local said = trace:messages { proto = "smtp", name = "RCPT", received_by = old }
    return #said == 1 and not said[1].text:find("NOTIFY", 1, true)
  end)
  s:expect("Alice's server reports that it was passed on", function(trace)
    local told = reports(trace, crepes)
    return #told == 1 and told[1].fields.kind == "mail.relayed" and told[1].fields.recipient == "bob@old.example"
  end)
  s:expect("two reports lie in Alice's mailbox", function(trace) return #trace:facts { name = "mail.delivered", host = crepes } == 2 end)
end)
