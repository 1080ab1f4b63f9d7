-- All 21 reply codes of RFC 821 (row M9): none is staged; each is what the server answers to the circumstances.
local s = scenario {
  title = { en = "Twenty-one replies", zh = "二十一种应答" },
  about = {
    en = "First digit: 2 done, 3 go on, 4 not now, 5 never. Second: 0 syntax, 1 information, 2 connection, 5 mail system.",
    zh = "首位：2 完成，3 继续，4 现在不行，5 永远不行。第二位：0 语法，1 信息，2 连接，5 邮件系统。",
  },
  seed = 9,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local server = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
server:mail_server {
  name = "hamburger.edu",
  mailboxes = {
    bob = { full_name = "Bob Burger" },
    jane = { full_name = "Jane Smith" },
    john = { full_name = "John Smith" },
    full = { quota = 1000 },
    busy = { busy = true },
  },
  moved = { dave = "dave@crepes.fr", erin = { to = "erin@crepes.fr", forward = false } },
  ambiguous = { smith = { "jane", "john" } },
  size_limit = 5000,
  errors_limit = 5,
}
local closed = s:host { name = "no-mail", on = net, address = "198.51.100.99" }
closed:mail_server { name = "no-mail.example", no_service = true }
local pc = s:host { name = "pc", on = net, address = "198.51.100.77" }

-- ---- The student's terminal --------------------------------------------------------------------------------------
local line
local function dial(host)
  line = pc:connect { to = host, port = 25 }
  line:wait()
  return line:read()
end
-- Types a line and checks the code that comes back.
local function enter(text, code)
  line:say(text)
  local reply = line:read()
  s:expect(("%s for: %s"):format(code, text), function()
    return reply ~= nil and reply.name == code, reply and reply.text:gsub("%s+", " ") or "no answer"
  end)
end
local function hang_up()
  line:say("QUIT")
  line:read()
  line:close()
  s:wait("1s")
end

s:script(function()
  server:boot { quiet = true } closed:boot { quiet = true } pc:boot { quiet = true }
  s:wait("1s")

  s:phase { en = "2yz and 3yz: done, go on", zh = "2yz 与 3yz：完成、继续" }
  s:beat {
    en = "220: service ready. 2: good news; the second digit 2: about the connection.",
    zh = "220：服务就绪。首位 2：好消息；第二位 2：与连接有关。",
  }
  local greeting = dial(server)
  s:expect("220 as a greeting", greeting ~= nil and greeting.name == "220")
  s:beat { en = "250: done. The second digit 5: about mail.", zh = "250：完成。第二位 5：与邮件系统有关。" }
  enter("HELO student.example", "250")
  s:beat {
    en = "214 and 211: help and status. The second digit 1: information.",
    zh = "214 和 211：帮助与状态。第二位 1：信息。",
  }
  enter("HELP", "214")
  enter("HELP STATUS", "211")
  s:beat { en = "251: Dave has moved; the server will forward.", zh = "251：Dave 搬走了；服务器会转发。" }
  enter("MAIL FROM:<alice@crepes.fr>", "250")
  enter("RCPT TO:<dave@hamburger.edu>", "251")
  s:beat { en = "354: 3 means: so far so good, go on. Then a dot, and 250.", zh = "354：首位 3 表示：到此为止都好，请继续。然后一个点，250。" }
  enter("RSET", "250")
  enter("MAIL FROM:<alice@crepes.fr>", "250")
  enter("RCPT TO:<bob@hamburger.edu>", "250")
  enter("DATA", "354")
  line:send("Subject: short\r\n\r\nHello.\r\n")
  enter(".", "250")

  s:phase { en = "5yz: not like this", zh = "5yz：这样不行" }
  s:beat { en = "500: what is REST? (RSET was meant.) The second digit 0: syntax.", zh = "500：REST 是什么？（本想写 RSET。）第二位 0：语法。" }
  enter("REST", "500")
  s:beat { en = "501: the command is right, its argument is not.", zh = "501：命令对，参数不对。" }
  enter("MAIL TO:<bob@hamburger.edu>", "501")
  s:beat { en = "502: a command that this server does not serve. TURN would swap the roles.", zh = "502：服务器不提供这个命令。TURN 会交换双方角色。" }
  enter("TURN", "502")
  s:beat { en = "503: the right command at the wrong time.", zh = "503：命令对，次序不对。" }
  enter("DATA", "503")
  hang_up()
  dial(server)
  enter("HELO student.example", "250")
  s:beat { en = "504: a parameter that is not implemented.", zh = "504：参数没有实现。" }
  enter("MAIL FROM:<alice@crepes.fr> COLOUR=RED", "504")
  s:beat { en = "550: no such mailbox.", zh = "550：没有这个邮箱。" }
  enter("MAIL FROM:<alice@crepes.fr>", "250")
  enter("RCPT TO:<nobody@hamburger.edu>", "550")
  s:beat { en = "551: Erin has moved, and the server does not forward: it names her new address.", zh = "551：Erin 搬走了，服务器不转发，只告知新地址。" }
  enter("RCPT TO:<erin@hamburger.edu>", "551")
  s:beat { en = "553: a name that cannot be a mailbox, or means several: which Smith?", zh = "553：邮箱名不允许，或有歧义：哪个 Smith？" }
  enter("RCPT TO:<smith@hamburger.edu>", "553")
  hang_up()
  dial(server)
  enter("HELO student.example", "250")
  s:beat { en = "554: the transaction failed; here: DATA, and not a single recipient.", zh = "554：事务失败；这里是：没有一个收件人就 DATA。" }
  enter("MAIL FROM:<alice@crepes.fr>", "250")
  enter("DATA", "554")
  s:beat { en = "552: more than the mailbox, or the server, can hold.", zh = "552：超出邮箱或服务器的容量。" }
  enter("RCPT TO:<full@hamburger.edu>", "250")
  enter("DATA", "354")
  line:send("Subject: long\r\n\r\n" .. ("A line of some length, to fill the mailbox to the brim.\r\n"):rep(20))
  enter(".", "552")

  s:phase { en = "4yz: not now", zh = "4yz：现在不行" }
  s:beat { en = "450: the mailbox is busy. 4: try again later.", zh = "450：邮箱忙。首位 4：稍后再试。" }
  enter("MAIL FROM:<alice@crepes.fr>", "250")
  enter("RCPT TO:<busy@hamburger.edu>", "450")
  s:beat { en = "451: a local error: the disk fails while the letter is being written.", zh = "451：本地错误：写信时磁盘出错。" }
  enter("RCPT TO:<bob@hamburger.edu>", "250")
  enter("DATA", "354")
  server:disk { state = "failing" }
  line:send("Subject: disk\r\n\r\nWill it be written?\r\n")
  enter(".", "451")
  s:beat { en = "452: no room left on the disk.", zh = "452：磁盘空间不足。" }
  server:disk { state = "ok", size = 600 }
  enter("MAIL FROM:<alice@crepes.fr>", "250")
  enter("RCPT TO:<bob@hamburger.edu>", "250")
  enter("DATA", "354")
  line:send("Subject: room\r\n\r\n" .. ("Too much for what is left.\r\n"):rep(30))
  enter(".", "452")
  server:disk { state = "ok", size = 1000000 }

  s:phase { en = "The end of a connection", zh = "连接的结束" }
  s:beat { en = "221: goodbye, as asked.", zh = "221：应要求告别。" }
  line:say("QUIT")
  local bye = line:read()
  s:expect("221 for: QUIT", bye ~= nil and bye.name == "221")
  line:close()
  s:wait("1s")
  s:beat { en = "554 can also be a greeting: there is a server, but it takes no mail.", zh = "554 也可以是问候：有服务器，但不收邮件。" }
  local refused = dial(closed)
  s:expect("554 as a greeting", refused ~= nil and refused.name == "554")
  hang_up()
  s:beat { en = "421: the server itself has to go, in the middle of things.", zh = "421：对话中途，服务器自己要关闭了。" }
  dial(server)
  enter("HELO student.example", "250")
  server:shutdown()
  line:wait()
  local going = line:read()
  s:expect("421 when the server shuts down", going ~= nil and going.name == "421")
  line:close()
  s:wait("3s")

  s:expect("every one of the 21 codes of RFC 821 came from a server, and no other", function(trace)
    local all = "211 214 220 221 250 251 354 421 450 451 452 500 501 502 503 504 550 551 552 553 554"
    local seen, list = {}, {}
    for _, m in ipairs(trace:messages { proto = "smtp" }) do
      if m.part == "reply" and not seen[m.name] then
        seen[m.name] = true
        list[#list + 1] = m.name
      end
    end
    table.sort(list)
    local found = table.concat(list, " ")
    return found == all, found
  end)
end)
