-- POP3's three states (row M20): AUTHORIZATION, TRANSACTION, UPDATE (RFC 1939 section 3). Which command is good where, and what is undone.
local s = scenario {
  title = { en = "Three states", zh = "三个状态" },
  about = {
    en = "The same commands in other states get other answers. What was marked can be unmarked; only UPDATE removes.",
    zh = "同样的命令，在不同状态下应答不同。做了标记还能撤消；只有 UPDATE 才删除。",
  },
  seed = 201,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "hungry" } }
hamburger:pop3_server {}
local pc = s:host { name = "bob-pc", on = net, address = "198.51.100.102" }
local other = s:host { name = "bob-phone", on = net, address = "198.51.100.103" }

local function mailbox(trace)
  local changed = trace:facts { name = "mailbox.changed", host = hamburger }
  return #changed > 0 and changed[#changed].fields.messages or 0
end

-- Whenever a mailbox gets smaller, a session is in its UPDATE state.
s:expect_never("a message goes outside the UPDATE state", function(trace)
  local before = 0
  for _, changed in ipairs(trace:facts { name = "mailbox.changed", host = hamburger }) do
    if changed.fields.messages < before then
      local arrows = trace:states { host = hamburger, machine = "pop3.server", before = ("%.9fs"):format(changed.t) }
      if arrows[#arrows].to ~= "UPDATE" then return true end
    end
    before = changed.fields.messages
  end
  return false
end)

local function client(host)
  local line = host:connect { to = hamburger, port = 110 }
  line:wait()
  line:read()
  -- Types a line; the answer is the status alone, "+OK" or "-ERR".
  return line, function(text, status)
    line:say(text)
    local reply = line:read()
    if reply and status == "+OK" and text:sub(1, 4) == "RETR" then line:read() end
    s:expect(("%s: %s"):format(text, status), function() return reply ~= nil and reply.name == status, reply and reply.text:match("[^\r]*") end)
  end
end

s:script(function()
  for _, host in ipairs { alice, hamburger, pc, other } do host:boot { quiet = true } end
  s:wait("1s")
  for i = 1, 3 do alice:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Letter " .. i, text = "Hello.\n" } end
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 3 end, "10s")
  s:wait("3s")

  s:phase { en = "AUTHORIZATION", zh = "AUTHORIZATION（鉴别）" }
  s:beat {
    en = "AUTHORIZATION: the server does not know yet who is speaking. It gives nothing away: no LIST, no RETR.",
    zh = "AUTHORIZATION（鉴别）：服务器还不知道对方是谁，什么也不给：LIST、RETR 都不行。",
  }
  local line, enter = client(pc)
  enter("LIST", "-ERR")
  enter("RETR 1", "-ERR")
  enter("PASS hungry", "-ERR")
  s:beat { en = "First the name, then the password. A wrong one: back to the beginning.", zh = "先报用户名，再报口令。口令不对：从头再来。" }
  enter("USER bob", "+OK")
  enter("PASS thirsty", "-ERR")
  enter("PASS hungry", "-ERR")
  enter("USER bob", "+OK")
  enter("PASS hungry", "+OK")

  s:phase { en = "TRANSACTION", zh = "TRANSACTION（事务处理）" }
  s:beat {
    en = "TRANSACTION: the maildrop is open, and locked. Nobody logs in twice.",
    zh = "TRANSACTION（事务处理）：邮箱已打开并锁定。不能重复登录。",
  }
  enter("USER bob", "-ERR")
  enter("STAT", "+OK")
  enter("RETR 1", "+OK")
  enter("DELE 1", "+OK")
  enter("DELE 1", "-ERR")
  s:beat { en = "Bob's phone comes too, with the right password: -ERR [IN-USE].", zh = "Bob 的手机也来取信，口令正确：-ERR [IN-USE]，邮箱正被占用。" }
  local second, enter_second = client(other)
  enter_second("USER bob", "+OK")
  enter_second("PASS hungry", "-ERR")
  enter_second("QUIT", "+OK")
  second:close()
  s:beat { en = "Another letter comes by SMTP. It does not show: numbers stand for what was there at the login.", zh = "又有一封信由 SMTP 送到。这个会话里看不见：编号只对登录时已有的邮件。" }
  alice:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Letter 4", text = "Hello again.\n" }
  s:wait_until(function(trace) return mailbox(trace) == 4 end, "10s")
  s:wait("1s")
  enter("RETR 4", "-ERR")
  s:beat { en = "RSET: all marks are taken back.", zh = "RSET：撤消所有标记。" }
  enter("RSET", "+OK")
  enter("RETR 1", "+OK")
  enter("DELE 2", "+OK")
  s:expect("whatever was marked: the mailbox has all four", function(trace) return mailbox(trace) == 4 end)

  s:phase { en = "UPDATE", zh = "UPDATE（更新）" }
  s:beat { en = "QUIT after a login: UPDATE. Now, and only now, message 2 goes from the disk; then the answer.", zh = "登录后的 QUIT：进入 UPDATE（更新）。第 2 封这时才从磁盘上删除，然后应答。" }
  line:say("QUIT")
  local reply = line:read()
  s:expect("QUIT: +OK, three left; the letter that came meanwhile is among them", function(trace)
    local updated = trace:facts { name = "pop3.updated", host = hamburger }
    return reply ~= nil and reply.name == "+OK" and #updated == 1 and updated[1].fields.removed == 1 and mailbox(trace) == 3
  end)
  s:wait("3s")
  line:close()
  s:beat { en = "QUIT before a login, as the phone did: no UPDATE. There is nothing to remove.", zh = "登录之前的 QUIT（如手机那样）：不进入 UPDATE，没有什么可删。" }
  s:expect("two sessions, one UPDATE", function(trace)
    return #trace:states { host = hamburger, machine = "pop3.server", from = "CLOSED" } == 2
      and #trace:states { host = hamburger, machine = "pop3.server", to = "UPDATE" } == 1
      and #trace:states { host = hamburger, machine = "pop3.server", to = "TRANSACTION", from = "NAMED" } == 1
  end)
end)
