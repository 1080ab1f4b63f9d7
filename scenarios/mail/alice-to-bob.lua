-- From Alice to Bob (rows M1 to M5, M10): her user agent, her mail server and its queue, DNS, Bob's mail server, his mailbox. Bob's PC is
-- off all the while. How Bob fetches the letter is another protocol's business (POP3, IMAP).
local s = scenario {
  title = { en = "Alice writes to Bob", zh = "Alice 给 Bob 写信" },
  about = {
    en = "The whole way of a letter: user agent, mail server, queue, DNS, TCP, mail server, mailbox. Bob's PC is switched off.",
    zh = "一封信的全程：用户代理、邮件服务器、消息队列、DNS、TCP、对方邮件服务器、邮箱。Bob 的电脑一直关着。",
  },
  seed = 5,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["crepes.fr"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.10" } } },
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
} }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101", dns = "198.51.100.53" }
alice:mail_agent { address = "alice@crepes.fr", server = "mail.crepes.fr" }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "mail.crepes.fr", domains = "crepes.fr", mailboxes = { "alice" }, trusted = "198.51.100.101" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25", dns = "198.51.100.53" }
hamburger:mail_server { name = "mail.hamburger.edu", domains = "hamburger.edu", mailboxes = { "bob" } }
local bob = s:host { name = "bob-pc", on = net, address = "198.51.100.102", dns = "198.51.100.53" }

s:expect_never("Bob's PC takes part in the delivery", function(trace)
  return bob.powered and #trace:facts { name = "mail.delivered", host = hamburger } == 0
end)

s:script(function()
  for _, host in ipairs { dns, alice, crepes, hamburger } do host:boot { quiet = true } end
  s:wait("1s")

  s:phase { en = "Alice's user agent", zh = "Alice 的用户代理" }
  s:beat {
    en = "Alice writes in her user agent: it composes, shows and handles mail. Bob's PC is off; that does not matter.",
    zh = "Alice 在用户代理里写信：用户代理负责撰写、显示、处理和通信。Bob 的电脑关着，没有关系。",
  }
  alice:mail {
    from = "Alice <alice@crepes.fr>",
    to = "Bob <bob@hamburger.edu>",
    subject = "Lunch",
    text = "Do you like ketchup?\nHow about pickles?\n",
    notify = "success",
  }
  s:beat {
    en = "Send: the user agent is an SMTP client and pushes the letter to Alice's own mail server.",
    zh = "点击发送：用户代理作为 SMTP 客户，把信推给 Alice 自己的邮件服务器。",
  }
  s:wait_until(function(trace) return #trace:facts { name = "smtp.accepted", host = crepes } == 1 end, "10s")

  s:phase { en = "The queue of Alice's server", zh = "Alice 的服务器：消息队列" }
  s:beat {
    en = "250: her server has the letter on disk, in its queue of outgoing messages. Alice may switch off now.",
    zh = "250：信已写入她的服务器的磁盘，进入发送消息队列。Alice 现在关机也行。",
  }
  s:expect("the letter stands in the queue for hamburger.edu", function(trace)
    local queued = trace:facts { name = "mail.queued", host = crepes }
    return #queued >= 1 and queued[1].fields.domain == "hamburger.edu"
  end)
  s:beat {
    en = "Who takes mail for hamburger.edu? The server asks DNS for the MX record, then for that host's address.",
    zh = "谁接收 hamburger.edu 的邮件？服务器向 DNS 查 MX 记录，再查那台主机的地址。",
  }
  s:wait_message { proto = "tcp", name = "SYN", from = crepes, within = "10s" }

  s:phase { en = "Server to server", zh = "服务器到服务器" }
  s:beat {
    en = "A moment ago crepes was the server; now it is the client. It connects straight to Bob's server: TCP, port 25.",
    zh = "刚才 crepes 是服务器，现在它是客户：直接与 Bob 的服务器建立 TCP 连接，端口 25。",
  }
  s:wait_message { proto = "smtp", name = "220", received_by = crepes, within = "10s" }
  s:beat {
    en = "SMTP on top of TCP: greeting, envelope, content, and one 250 that passes the responsibility on.",
    zh = "SMTP 运行在 TCP 之上：问候、信封、内容，最后一个 250 把责任交给对方。",
  }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 1 end, "10s")
  s:expect("Alice's server was a server first, then a client, and both machines are its own", function(trace)
    local server = trace:states { host = crepes, machine = "smtp.server", to = "STORING" }
    local client = trace:states { host = crepes, machine = "smtp.client", to = "CONNECTING" }
    return #server == 1 and #client == 1 and server[1].t < client[1].t
  end)

  s:phase { en = "Bob's mailbox", zh = "Bob 的邮箱" }
  s:beat {
    en = "The letter lies in Bob's mailbox, on Bob's server. It waits there, however long Bob's PC stays off.",
    zh = "信已在 Bob 的服务器上、Bob 的邮箱里。Bob 的电脑关多久，它就等多久。",
  }
  s:expect("it lies in Bob's mailbox while Bob's PC is off", function(trace)
    local delivered = trace:facts { name = "mail.delivered", host = hamburger }
    return #delivered == 1 and delivered[1].fields.mailbox == "bob" and not bob.powered
  end)
  s:expect("crepes connected straight to hamburger, as the MX record says", function(trace)
    local opened = trace:messages { proto = "tcp", name = "SYN", from = crepes }
    return opened[1].dst == "198.51.100.25" and opened[1].fields.destination_port == 25
  end)
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = crepes } == 1 end, "10s")
  s:beat {
    en = "The servers report back: a success report comes into Alice's mailbox, since she asked for one.",
    zh = "邮件服务器还会向发件人报告：Alice 要求了成功报告，它已进入 Alice 的邮箱。",
  }
  s:expect("Alice is told that it was delivered", function(trace)
    local reported = trace:facts { name = "mail.reported", host = hamburger }
    return #reported == 1 and reported[1].fields.kind == "mail.delivered" and reported[1].fields.to == "alice@crepes.fr"
  end)
  s:wait("8h")
  s:beat {
    en = "Eight hours later Bob switches on. The letter has waited; fetching it is the work of POP3 or IMAP.",
    zh = "八小时后 Bob 开机。信一直在等；取信是 POP3 或 IMAP 的工作。",
  }
  bob:boot()
  s:wait("5s")
  s:expect("nothing was lost on the way: one letter in, one report back, nothing left in the queues", function(trace)
    return #trace:facts { name = "mail.queued" } == 3 and #trace:facts { name = "mail.dequeued" } == 3
  end)
end)
