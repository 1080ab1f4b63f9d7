-- The fourteen commands of RFC 821 (row M8), and what a server of 1982 and one of today make of each. Row M13: HELP, NOOP, RSET, VRFY, EXPN.
local s = scenario {
  title = { en = "Fourteen commands", zh = "十四条命令" },
  about = {
    en = "HELO MAIL RCPT DATA SEND SOML SAML RSET VRFY EXPN HELP NOOP QUIT TURN: typed to an old server and to a new one.",
    zh = "HELO MAIL RCPT DATA SEND SOML SAML RSET VRFY EXPN HELP NOOP QUIT TURN：对老服务器和新服务器各输入一遍。",
  },
  seed = 8,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local people = { bob = { full_name = "Bob Burger", online = true } }
local old = s:host { name = "old", on = net, address = "198.51.100.82" }
old:mail_server { name = "old.arpa", domains = "hamburger.edu", mailboxes = people, lists = { cooks = { "bob" } }, legacy = true, extensions = {} }
local new = s:host { name = "new", on = net, address = "198.51.100.25" }
new:mail_server { name = "hamburger.edu", mailboxes = people, lists = { cooks = { "bob" } }, vrfy = "noncommittal", expn = "disabled" }
local pc = s:host { name = "pc", on = net, address = "198.51.100.77" }

-- A line typed at both servers, and the code that each must answer.
local to_old, to_new
local function enter(line, old_code, new_code)
  for _, side in ipairs { { to_old, old_code, "old" }, { to_new, new_code, "new" } } do
    side[1]:say(line)
    local reply = side[1]:read()
    s:expect(("%s: %s answers %s"):format(line, side[3], side[2]), function()
      return reply ~= nil and reply.name == side[2], reply and reply.text:gsub("%s+", " ") or "no answer"
    end)
  end
end

s:script(function()
  old:boot { quiet = true } new:boot { quiet = true } pc:boot { quiet = true }
  s:wait("1s")
  to_old = pc:connect { to = old, port = 25 }
  to_old:wait()
  to_old:read()
  to_new = pc:connect { to = new, port = 25 }
  to_new:wait()
  to_new:read()

  s:phase { en = "The six that every letter needs", zh = "每封信都要用的命令" }
  s:beat { en = "① HELO: the client introduces itself.", zh = "① HELO：客户自我介绍。" }
  enter("HELO student.example", "250", "250")
  s:beat { en = "② MAIL: the sender on the envelope.", zh = "② MAIL：信封上的发件人。" }
  enter("MAIL FROM:<alice@crepes.fr>", "250", "250")
  s:beat { en = "③ RCPT: a recipient. Once for each.", zh = "③ RCPT：收件人，每人一条。" }
  enter("RCPT TO:<bob@hamburger.edu>", "250", "250")
  s:beat { en = "④ DATA: the content, up to a line with a dot.", zh = "④ DATA：内容，到只有一个点的一行为止。" }
  enter("DATA", "354", "354")
  to_old:send("Subject: hello\r\n\r\nFourteen.\r\n")
  to_new:send("Subject: hello\r\n\r\nFourteen.\r\n")
  enter(".", "250", "250")
  s:expect("the letter lies in Bob's mailbox at both", function(trace)
    return #trace:facts { name = "mail.delivered", host = old } == 1 and #trace:facts { name = "mail.delivered", host = new } == 1
  end)

  s:phase { en = "For a terminal: long gone", zh = "发往终端：早已废弃" }
  s:beat {
    en = "⑤ SEND, ⑥ SOML, ⑦ SAML put a letter on the user's terminal. Today nobody sits there: 502, not implemented.",
    zh = "⑤ SEND、⑥ SOML、⑦ SAML 把信直接显示在用户的终端上。今天没有这样的终端：502，未实现。",
  }
  enter("SEND FROM:<alice@crepes.fr>", "250", "502")
  enter("RSET", "250", "250")
  enter("SOML FROM:<alice@crepes.fr>", "250", "502")
  enter("RSET", "250", "250")
  enter("SAML FROM:<alice@crepes.fr>", "250", "502")
  to_old:say("RCPT TO:<bob@hamburger.edu>")
  to_old:read()
  to_old:say("DATA")
  to_old:read()
  to_old:say("Dinner is ready.\r\n.")
  to_old:read()
  s:expect("SAML: on Bob's terminal and in his mailbox", function(trace)
    return #trace:facts { name = "mail.shown", host = old } == 1 and #trace:facts { name = "mail.delivered", host = old } == 2
  end)

  s:phase { en = "Around it", zh = "辅助命令" }
  s:beat {
    en = "⑧ RSET: forget what was said of this letter. The connection stays. A common slip writes REST: 500, no such command.",
    zh = "⑧ RSET：取消当前邮件，连接保留。常有人误写成 REST：500，没有这个命令。",
  }
  enter("MAIL FROM:<alice@crepes.fr>", "250", "250")
  enter("REST", "500", "500")
  enter("RSET", "250", "250")
  enter("RCPT TO:<bob@hamburger.edu>", "503", "503")
  s:beat {
    en = "⑨ VRFY: is there such a user? Spammers ask, too. So today: 252, I won't tell; send, and I will try.",
    zh = "⑨ VRFY：有这个用户吗？发垃圾邮件的人也会问。所以今天：252，不告诉你，但可以发来试试。",
  }
  enter("VRFY bob", "250", "252")
  s:beat { en = "⑩ EXPN: who is on this list? Today: 502, switched off.", zh = "⑩ EXPN：这个列表里有谁？今天：502，已关闭。" }
  enter("EXPN cooks", "250", "502")
  s:beat { en = "⑪ HELP, and ⑫ NOOP, which does nothing but keep the line alive.", zh = "⑪ HELP；⑫ NOOP：什么也不做，只是保持连接。" }
  enter("HELP", "214", "214")
  enter("NOOP", "250", "250")

  s:phase { en = "Turned round, and done", zh = "交换角色与结束" }
  s:beat {
    en = "⑬ TURN: change places, and send me your mail. But who am I? No server may trust that: 502.",
    zh = "⑬ TURN：我们交换角色，把信发给我。可我是谁？没有服务器敢信：502。",
  }
  enter("TURN", "502", "502")
  s:beat { en = "⑭ QUIT: goodbye.", zh = "⑭ QUIT：再见。" }
  enter("QUIT", "221", "221")
  to_old:close()
  to_new:close()
  s:wait("3s")

  s:expect("all fourteen commands were said to both servers", function(trace)
    for _, server in ipairs { old, new } do
      local said = {}
      for _, m in ipairs(trace:messages { proto = "smtp", received_by = server }) do said[m.name] = true end
      for verb in ("HELO MAIL RCPT DATA SEND SOML SAML RSET VRFY EXPN HELP NOOP QUIT TURN"):gmatch("%u+") do
        if not said[verb] then return false, verb .. " to " .. server.name end
      end
    end
    return true
  end)
end)
