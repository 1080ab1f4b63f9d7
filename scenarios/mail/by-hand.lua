-- By hand (row M16): what a student types after "telnet mail.hamburger.edu 25". SMTP is text; whoever can type can send mail.
local s = scenario {
  title = { en = "SMTP by hand", zh = "手工发邮件" },
  about = {
    en = "Connect to port 25, read 220, and type HELO, MAIL FROM, RCPT TO, DATA, QUIT: a letter without any mail program.",
    zh = "连接 25 端口，看到 220，然后逐行键入 HELO、MAIL FROM、RCPT TO、DATA、QUIT：不用任何邮件软件也能发信。",
  },
  seed = 16,
}

local from = s:setting { name = "from", default = "alice@crepes.fr", en = "the sender typed in", zh = "键入的发件人" }
local lan = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local server = s:host { name = "hamburger", on = lan, address = "198.51.100.25" }
server:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }
local pc = s:host { name = "pc", on = lan, address = "198.51.100.77" }

s:script(function()
  server:boot { quiet = true } pc:boot { quiet = true }
  s:wait("1s")

  s:phase { en = "Connection set-up", zh = "连接建立" }
  s:beat {
    en = "telnet mail.hamburger.edu 25. TCP connects (three segments), and the server speaks first: 220, service ready.",
    zh = "telnet mail.hamburger.edu 25。TCP 三次握手之后，服务器先说话：220，服务就绪。",
  }
  local line = pc:connect { to = server, port = 25 }
  line:wait()

  -- Types a line and checks the code that comes back.
  local function enter(text, code)
    line:say(text)
    local reply = line:read()
    s:expect(("%s is answered with %s"):format(text, code), function()
      return reply ~= nil and reply.name == code, reply and reply.text:gsub("%s+", " ") or "no answer"
    end)
  end

  local greeting = line:read()
  s:expect("the server greets with 220", greeting ~= nil and greeting.name == "220")
  s:beat { en = "HELO: who I say I am. Nobody checks it.", zh = "HELO：报上自己的名字。没有人核对。" }
  enter("HELO crepes.fr", "250")

  s:phase { en = "Mail transfer", zh = "邮件传送" }
  s:beat { en = "MAIL FROM: the sender on the envelope.", zh = "MAIL FROM：信封上的发件人。" }
  enter("MAIL FROM:<" .. from .. ">", "250")
  s:beat { en = "RCPT TO: the recipient on the envelope.", zh = "RCPT TO：信封上的收件人。" }
  enter("RCPT TO:<bob@hamburger.edu>", "250")
  s:beat { en = "DATA: now the letter itself. 354 means: go on.", zh = "DATA：下面是信的内容。354 表示：请继续。" }
  enter("DATA", "354")
  s:beat {
    en = "Header, an empty line, the text; and a line with nothing but a dot.",
    zh = "先是首部，空一行，再是主体；最后一行只有一个点，表示结束。",
  }
  line:send("From: Alice <" .. from .. ">\r\n")
  s:wait("200ms")
  line:send("To: bob@hamburger.edu\r\nSubject: by hand\r\n\r\n")
  s:wait("200ms")
  line:send("Typed, not mailed.\r\n")
  s:wait("200ms")
  enter(".", "250")
  s:expect("the letter lies in Bob's mailbox", function(trace)
    local delivered = trace:facts { name = "mail.delivered", host = server }
    return #delivered == 1 and delivered[1].fields.mailbox == "bob" and delivered[1].fields.from == from
  end)

  s:phase { en = "Connection release", zh = "连接释放" }
  s:beat { en = "QUIT: 221, and the server closes the TCP connection.", zh = "QUIT：221，服务器随后释放 TCP 连接。" }
  enter("QUIT", "221")
  s:wait("3s")
  line:close()
  s:wait("3s")
  s:expect("the connection has ended", line.state == "ENDED" and line.how == "tcp.closed")
end)
