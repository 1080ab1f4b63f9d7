-- Folders (row M21): mailboxes at the server. A letter is filed, the folder is made when it is missing, a copy of what Bob sends is kept; an older
-- server without MOVE needs three commands for what one can do.
local s = scenario {
  title = { en = "Folders", zh = "文件夹" },
  about = {
    en = "Bob files letters into folders at the server, once with MOVE, once with COPY, \\Deleted and EXPUNGE; what he sends is kept in Sent.",
    zh = "Bob 把信归入服务器上的文件夹：一次用 MOVE，一次用 COPY、\\Deleted、EXPUNGE；他发的信存入 Sent。",
  },
  seed = 6851,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server {
  name = "mail.hamburger.edu", domains = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "secret" }, trusted = "198.51.100.102",
}
hamburger:imap_server { folders = { Sent = "sent" } }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local bob = s:host { name = "bob-pc", on = net, address = "198.51.100.102" }
bob:imap_client { server = "198.51.100.25", user = "bob", password = "secret", sent = "Sent" }
bob:mail_agent { address = "bob@hamburger.edu", server = "198.51.100.25" }
local old = s:host { name = "old-reader", on = net, address = "198.51.100.103" }
old:imap_client { server = "198.51.100.25", user = "bob", password = "secret", move = false, connect = false }

local function said(trace, host)
  local names = {}
  for _, m in ipairs(trace:messages { proto = "imap", from = host }) do names[#names + 1] = m.name end
  return table.concat(names, ", ")
end

s:script(function()
  hamburger:boot { quiet = true } alice:boot { quiet = true }
  s:wait("1s")
  for _, subject in ipairs { "项目 A", "项目 B" } do
    alice:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = subject, text = "The plan.\n" }
  end
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 2 end, "20s")
  bob:boot { quiet = true }
  s:wait_until(function(trace) return #trace:facts { name = "imap.synchronized", host = bob } == 1 end, "10s")
  s:wait("2s")

  s:phase { en = "MOVE", zh = "MOVE" }
  s:beat {
    en = "Bob drags a letter into the folder “项目”. The server: NO [TRYCREATE], there is none. So CREATE, and MOVE again. Its name crosses the wire as &mHl27g-.",
    zh = "Bob 把一封信拖进文件夹“项目”。服务器：NO [TRYCREATE]，没有这个文件夹。于是 CREATE，再 MOVE。它的名字在线路上写作 &mHl27g-。",
  }
  bob:mail_file(1, "项目")
  s:wait_until(function(trace) return #trace:facts { name = "imap.filed", host = bob } == 1 end, "10s")
  s:wait("2s")
  s:expect("TRYCREATE, CREATE, then the letter lies in the new folder", function(trace)
    return said(trace, bob):find("UID MOVE, CREATE, UID MOVE", 1, true) ~= nil
      and #trace:facts { name = "imap.moved", host = hamburger } == 1
      and trace:facts { name = "imap.moved", host = hamburger }[1].fields.to == "项目", said(trace, bob)
  end)
  s:expect("the name went over the wire in seven bits", function(trace)
    for _, m in ipairs(trace:messages { proto = "imap", name = "CREATE", from = bob }) do
      if m.text:find("&mHl27g-", 1, true) then return true end
    end
    return false
  end)

  s:phase { en = "COPY, \\Deleted, EXPUNGE", zh = "COPY、\\Deleted、EXPUNGE" }
  s:beat {
    en = "A reader from before 2013 knows no MOVE: copy it, mark the original \\Deleted, then expunge.",
    zh = "2013 年以前的阅读器不认识 MOVE：先复制，给原件打上 \\Deleted，再清除。",
  }
  old:boot { quiet = true }
  old:mail_connect()
  s:wait_until(function(trace) return #trace:facts { name = "imap.synchronized", host = old } == 1 end, "10s")
  old:mail_file(1, "项目")
  s:wait_until(function(trace) return #trace:facts { name = "imap.filed", host = old } == 1 end, "10s")
  s:wait("2s")
  s:expect("three commands instead of one", function(trace)
    return said(trace, old):find("UID COPY, UID STORE, UID EXPUNGE", 1, true) ~= nil, said(trace, old)
  end)
  s:expect("the first reader is told: * 1 EXPUNGE", function(trace)
    return #trace:facts { name = "imap.message_gone", host = bob } == 1
  end)

  s:phase { en = "Sent", zh = "已发送" }
  s:beat {
    en = "Bob answers: SMTP takes the letter to his server; APPEND puts a copy of it into Sent.",
    zh = "Bob 回信：SMTP 把信送往他的服务器；APPEND 把一份副本存入 Sent。",
  }
  bob:mail { from = "bob@hamburger.edu", to = "alice@crepes.fr", subject = "Re: 项目", text = "Good plan.\n" }
  s:wait_until(function(trace) return #trace:facts { name = "imap.kept", host = bob } == 1 end, "10s")
  s:wait("1s")
  s:expect("what lies in Sent is, octet for octet, what was sent", function(trace)
    local sent = trace:messages { proto = "smtp", name = "mail", from = bob }
    local kept = trace:messages { proto = "imap", name = "mail", from = bob }
    return #sent == 1 and #kept == 1 and sent[1].text == kept[1].text
  end)
  s:expect("INBOX is empty, two letters lie in 项目, one in Sent", function(trace)
    local now = {}
    for _, fact in ipairs(trace:facts { name = "mailbox.changed", host = hamburger }) do now[fact.fields.mailbox] = fact.fields.messages end
    return now.INBOX == 0 and now["项目"] == 2 and now.Sent == 1
  end)
end)
