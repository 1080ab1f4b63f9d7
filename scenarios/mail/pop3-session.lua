-- A POP3 session by hand (row M20): what a student types after "telnet mail.hamburger.edu 110". The textbook's dialogue: user, pass, list,
-- retr, dele, quit.
local s = scenario {
  title = { en = "POP3 by hand", zh = "手工取信" },
  about = {
    en = "Connect to port 110 and type USER, PASS, LIST, RETR, DELE, QUIT: Bob fetches two letters and leaves the maildrop empty.",
    zh = "连接 110 端口，逐行键入 USER、PASS、LIST、RETR、DELE、QUIT：Bob 取走两封信，邮箱清空。",
  },
  seed = 20,
}

local password = s:setting { name = "password", default = "hungry", en = "what Bob types as his password", zh = "Bob 键入的口令" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "hungry" } }
hamburger:pop3_server { apop = false, replies = { greeting = "POP3 server ready", login = "user successfully logged on" } }
local pc = s:host { name = "bob-pc", on = net, address = "198.51.100.102" }

local function in_the_mailbox(trace)
  local changed = trace:facts { name = "mailbox.changed", host = hamburger }
  return changed[#changed].fields.messages
end

s:script(function()
  for _, host in ipairs { alice, hamburger, pc } do host:boot { quiet = true } end
  s:wait("1s")
  alice:mail { from = "Alice <alice@crepes.fr>", to = "bob@hamburger.edu", subject = "Lunch", text = "Do you like ketchup?\n" }
  alice:mail { from = "Alice <alice@crepes.fr>", to = "bob@hamburger.edu", subject = "Lunch again", text = "How about pickles?\n" }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 2 end, "10s")
  s:wait("3s")

  s:phase { en = "Who are you?", zh = "你是谁？" }
  s:beat {
    en = "Two letters have come by SMTP and wait in Bob's mailbox at his provider. SMTP pushes; now Bob pulls: telnet mail.hamburger.edu 110.",
    zh = "两封信由 SMTP 送到，在 ISP 的服务器上 Bob 的邮箱里等着。SMTP 是推；现在 Bob 来拉：telnet mail.hamburger.edu 110。",
  }
  local line = pc:connect { to = hamburger, port = 110 }
  line:wait()
  local greeting = line:read()
  s:expect("the server speaks first: +OK POP3 server ready", greeting ~= nil and greeting.text == "+OK POP3 server ready\r\n", greeting and greeting.text)

  -- Types a line; the answer begins like this. What it says behind the first line is the second result of read.
  local function enter(text, answer)
    line:say(text)
    local reply = line:read()
    s:expect(("%s is answered with %s"):format(text, answer), function()
      return reply ~= nil and reply.text:sub(1, #answer) == answer, reply and reply.text:match("[^\r]*") or "no answer"
    end)
    return reply
  end

  s:beat { en = "USER: the name of the mailbox. Only +OK and -ERR are the answers in POP3.", zh = "USER：邮箱的名字。POP3 的应答只有 +OK 和 -ERR 两种。" }
  enter("USER bob", "+OK")
  s:beat { en = "PASS: the password, as plain text on the wire.", zh = "PASS：口令，以明文在线路上传送。" }
  enter("PASS " .. password, "+OK user successfully logged on")

  s:phase { en = "Reading and marking", zh = "读信与标记" }
  s:beat {
    en = "Logged in: from here to the end the maildrop is locked for this session alone. LIST: how many messages, how big?",
    zh = "登录成功：从现在到结束，邮箱只供这个会话使用（锁定）。LIST：有几封，各多大？",
  }
  local list = enter("LIST", "+OK 2 messages")
  s:expect("one line for each message, and a dot", list ~= nil and select(2, list.text:gsub("\r\n%d+ %d+", "")) == 2 and list.text:sub(-5) == "\r\n.\r\n")
  s:beat { en = "RETR 1: the whole first message, header and body, ended by a line with a dot.", zh = "RETR 1：整个第一封邮件，首部和主体，以单独一个点的行结束。" }
  enter("RETR 1", "+OK")
  local letter = line:read()
  s:expect("it is Alice's letter", letter ~= nil and letter.text:find("Do you like ketchup?", 1, true) ~= nil)
  s:beat { en = "DELE 1: the server marks it. It is not gone yet.", zh = "DELE 1：服务器给它做标记。还没有删掉。" }
  enter("DELE 1", "+OK")
  s:expect("the mailbox still holds two", function(trace) return in_the_mailbox(trace) == 2 end)
  enter("RETR 2", "+OK")
  line:read()
  enter("DELE 2", "+OK")
  s:expect("and still two", function(trace) return in_the_mailbox(trace) == 2 end)
  s:beat { en = "A message that is marked cannot be had any more in this session: -ERR.", zh = "做了标记的邮件，在这个会话里取不到了：-ERR。" }
  enter("RETR 1", "-ERR")

  s:phase { en = "Removing", zh = "删除" }
  s:beat { en = "QUIT: only now the server removes what was marked, and unlocks the maildrop.", zh = "QUIT：服务器这时才真正删除，并解锁邮箱。" }
  enter("QUIT", "+OK")
  s:wait("3s")
  line:close()
  s:wait("3s")
  s:expect("the mailbox is empty, and the connection has ended", function(trace)
    return in_the_mailbox(trace) == 0 and line.state == "ENDED" and line.how == "tcp.closed"
  end)
  s:expect("they were removed in the UPDATE state, and not before", function(trace)
    local update = trace:states { host = hamburger, machine = "pop3.server", to = "UPDATE" }
    local updated = trace:facts { name = "pop3.updated", host = hamburger }
    local emptied = trace:facts { name = "mailbox.changed", host = hamburger }
    return #update == 1 and #updated == 1 and updated[1].fields.removed == 2 and emptied[#emptied].t > update[1].t
  end)
end)
