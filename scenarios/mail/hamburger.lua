-- The dialogue of the textbook, byte for byte (row M15): Alice's server hands her letter to Bob's. Three phases (row M10): connection
-- set-up, mail transfer, connection release.
local s = scenario {
  title = { en = "Do you like ketchup?", zh = "喜欢番茄酱吗？" },
  about = {
    en = "One SMTP dialogue between crepes.fr and hamburger.edu, exactly as the textbook prints it.",
    zh = "crepes.fr 与 hamburger.edu 之间的一次 SMTP 对话，与教材所印一字不差。",
  },
  seed = 15,
}

local lan = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = lan, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
} }
local crepes = s:host { name = "crepes", on = lan, address = "198.51.100.10", dns = { "198.51.100.53" } }
crepes:mail_server { name = "crepes.fr", mailboxes = { "alice" }, ehlo = false, space_after_colon = true }
local hamburger = s:host { name = "hamburger", on = lan, address = "198.51.100.25", dns = { "198.51.100.53" } }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }

-- Waits until the client has received the reply with this code.
local function reply(code)
  s:wait_message { proto = "smtp", name = code, received_by = crepes, within = "10s" }
end

s:script(function()
  dns:boot { quiet = true } crepes:boot { quiet = true } hamburger:boot { quiet = true }
  s:wait("1s")

  s:phase { en = "Connection set-up", zh = "连接建立" }
  s:beat {
    en = "Alice's letter waits in the queue of crepes.fr. Which host takes mail for hamburger.edu? DNS knows: the MX record.",
    zh = "Alice 的信在 crepes.fr 的消息队列中。哪台主机接收 hamburger.edu 的邮件？DNS 的 MX 记录知道。",
  }
  crepes:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", raw = "Do you like ketchup?\nHow about pickles?\n",
    envelope = { from = "alice@crepes.fr", to = "bob@hamburger.edu" } }
  s:wait_message { proto = "tcp", name = "SYN", from = crepes, within = "10s" }
  s:beat {
    en = "crepes.fr is the client now: it connects straight to port 25 of the receiving server, with no server in between.",
    zh = "现在 crepes.fr 是客户：它直接连接接收方服务器的 25 端口，不经过任何中间邮件服务器。",
  }
  reply("220")
  s:beat { en = "220: the server is ready. The client says who it is: HELO.", zh = "220：服务器就绪。客户用 HELO 报上名字。" }
  reply("250")

  s:phase { en = "Mail transfer", zh = "邮件传送" }
  s:beat { en = "MAIL FROM: the sender, as on an envelope.", zh = "MAIL FROM：发件人，写在信封上。" }
  reply("250")
  s:beat { en = "RCPT TO: the recipient. The server knows Bob.", zh = "RCPT TO：收件人。服务器上有 Bob 的邮箱。" }
  reply("250")
  s:beat { en = "DATA: the content follows. 354: go on, and end with a dot.", zh = "DATA：下面是内容。354：请发送，以单独一个点结束。" }
  reply("354")
  s:beat { en = "Two lines, and a line with nothing but a dot: CRLF . CRLF.", zh = "两行正文，然后是只有一个点的一行：CRLF . CRLF。" }
  reply("250")
  s:expect("with this 250 the letter lies in Bob's mailbox", function(trace)
    local delivered = trace:facts { name = "mail.delivered", host = hamburger }
    return #delivered == 1 and delivered[1].fields.mailbox == "bob"
  end)

  s:phase { en = "Connection release", zh = "连接释放" }
  s:beat { en = "QUIT, 221, and TCP lets go.", zh = "QUIT，221，然后释放 TCP 连接。" }
  reply("221")
  s:wait("5s")
  s:expect("the dialogue is the textbook's, word for word", function(trace)
    local said = {}
    for _, m in ipairs(trace:messages { proto = "smtp" }) do said[#said + 1] = m.text:gsub("\r\n$", "") end
    return table.concat(said, "\n") == table.concat({
      "220 hamburger.edu",
      "HELO crepes.fr",
      "250 Hello crepes.fr, pleased to meet you",
      "MAIL FROM: <alice@crepes.fr>",
      "250 alice@crepes.fr... Sender ok",
      "RCPT TO: <bob@hamburger.edu>",
      "250 bob@hamburger.edu ... Recipient ok",
      "DATA",
      "354 Enter mail, end with \".\" on a line by itself",
      "Do you like ketchup?\r\nHow about pickles?",
      "250 Message accepted for delivery",
      "QUIT",
      "221 hamburger.edu closing connection",
    }, "\n")
  end)
  s:expect("the connection went straight from the one server to the other, to port 25", function(trace)
    local opened = trace:messages { proto = "tcp", name = "SYN" }
    return #opened == 1 and opened[1].dst == "198.51.100.25" and opened[1].fields.destination_port == 25
  end)
end)
