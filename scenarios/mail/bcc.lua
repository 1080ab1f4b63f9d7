-- Blind carbon copy (row M6): a Bcc is a recipient on the envelope who is left out of the letter.
local s = scenario {
  title = { en = "Bcc", zh = "密送" },
  about = {
    en = "Alice writes to Bob, and lets Carol know without Bob's knowledge: RCPT TO, yes; in the header, no.",
    zh = "Alice 写信给 Bob，并瞒着 Bob 密送给 Carol：RCPT TO 有 Carol，首部没有。",
  },
  seed = 61,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob", "carol" } }

s:script(function()
  alice:boot { quiet = true } hamburger:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "On the envelope", zh = "信封上" }
  s:beat { en = "Alice writes To: Bob and Bcc: Carol.", zh = "Alice 写 To: Bob，Bcc: Carol。" }
  alice:mail {
    from = "alice@crepes.fr", to = "bob@hamburger.edu", bcc = "carol@hamburger.edu",
    subject = "The surprise party", text = "Nobody knows yet.\n",
  }
  s:wait_message { proto = "smtp", name = "354", received_by = alice, within = "10s" }
  s:beat {
    en = "Two RCPT TO: on the envelope Carol is a recipient like any other.",
    zh = "两条 RCPT TO：在信封上，Carol 与其他收件人没有区别。",
  }
  s:phase { en = "In the letter", zh = "信里" }
  s:beat {
    en = "Before the letter left, the user agent took the Bcc field out. Look at the content: no Carol.",
    zh = "发出之前，用户代理已把 Bcc 字段去掉。看内容：没有 Carol。",
  }
  s:wait("3s")
  s:expect("both are named to the server", function(trace)
    local named = trace:messages { proto = "smtp", name = "RCPT", from = alice }
    return #named == 2 and named[1].text:find("<bob@hamburger.edu>", 1, true) ~= nil
      and named[2].text:find("<carol@hamburger.edu>", 1, true) ~= nil
  end)
  s:expect("no octet of the letter tells of Carol", function(trace)
    local text = trace:messages { proto = "smtp", name = "mail", received_by = hamburger }[1].text:lower()
    return text:find("to: bob@hamburger.edu", 1, true) ~= nil and text:find("bcc", 1, true) == nil
      and text:find("carol", 1, true) == nil
  end)
  s:expect("the letter lies in both mailboxes", function(trace)
    local delivered = trace:facts { name = "mail.delivered", host = hamburger }
    return #delivered == 2 and delivered[1].fields.mailbox == "bob" and delivered[2].fields.mailbox == "carol"
  end)
  s:beat {
    en = "Even the Received line, where the server notes a single recipient, names nobody when there are several.",
    zh = "服务器在 Received 行里只在收件人唯一时才写出他；有多个收件人时一个也不写。",
  }
  s:wait("1s")
end)
