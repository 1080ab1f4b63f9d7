-- A session of IMAP, from the greeting to BYE (row M21): Bob's mail reader at work, command by command. The mail stays at the server.
local s = scenario {
  title = { en = "A session of IMAP", zh = "一次 IMAP 会话" },
  about = {
    en = "Bob's mail reader logs in, opens INBOX, fetches headers, reads one letter, waits for news and logs out. Every letter stays at the server.",
    zh = "Bob 的邮件阅读器登录、打开 INBOX、取首部、读一封信、等待新邮件、注销。所有的信都留在服务器上。",
  },
  seed = 143,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = { ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } } } }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25", dns = "198.51.100.53" }
hamburger:mail_server { name = "mail.hamburger.edu", domains = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "secret" } }
hamburger:imap_server {}
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101", dns = "198.51.100.53" }
alice:mail_agent { address = "alice@crepes.fr", server = "mail.hamburger.edu" }
local bob = s:host { name = "bob-pc", on = net, address = "198.51.100.102", dns = "198.51.100.53" }
bob:imap_client { server = "mail.hamburger.edu", user = "bob", password = "secret" }

local function said(trace, name) return trace:messages { proto = "imap", name = name, from = bob } end
local function inbox(trace)
  local facts = trace:facts { name = "mailbox.changed", host = hamburger }
  return facts[#facts].fields
end

s:script(function()
  for _, host in ipairs { dns, hamburger, alice } do host:boot { quiet = true } end
  s:wait("1s")
  s:phase { en = "Two letters arrive", zh = "两封信到达" }
  for _, subject in ipairs { "Lunch", "Dinner" } do
    alice:mail { from = "Alice <alice@crepes.fr>", to = "Bob <bob@hamburger.edu>", subject = subject, text = subject .. " at eight?\n" }
  end
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 2 end, "20s")
  s:wait("2s")

  s:phase { en = "Not authenticated", zh = "未鉴别" }
  s:beat {
    en = "Bob switches on. His reader looks up the server and connects: TCP, port 143. The server speaks first.",
    zh = "Bob 开机。阅读器查到服务器的地址，建立 TCP 连接，端口 143。服务器先说话。",
  }
  bob:boot { quiet = true }
  s:wait_message { proto = "imap", name = "OK", received_by = bob, within = "10s" }
  s:beat {
    en = "Each command begins with a tag of the client's own: a1. The answer with the same tag ends it; what begins with * only tells something.",
    zh = "每条命令以客户自定的标签开头：a1。带同样标签的应答结束这条命令；以 * 开头的行只是告知。",
  }
  s:wait_message { proto = "imap", name = "OK", received_by = bob, within = "10s" }

  s:phase { en = "Authenticated", zh = "已鉴别" }
  s:beat {
    en = "The server knows who it is. SELECT opens a mailbox: it tells how many letters, which is the first unread, and UIDVALIDITY.",
    zh = "服务器知道他是谁了。SELECT 打开邮箱：告知有几封信、第一封未读的是哪封，以及 UIDVALIDITY。",
  }
  s:wait_message { proto = "imap", name = "EXISTS", received_by = bob, within = "10s" }

  s:phase { en = "Selected", zh = "已选邮箱" }
  s:beat {
    en = "UID FETCH: flags, date, size and envelope of all letters. No body yet: the list is all a reader shows.",
    zh = "UID FETCH：取所有信的标志、日期、大小和信封。还不取正文：阅读器只需显示列表。",
  }
  s:wait_until(function(trace) return #trace:facts { name = "imap.synchronized", host = bob } == 1 end, "10s")
  s:wait("3s")
  s:beat {
    en = "Nothing to do: IDLE. The client is silent; the server will speak as soon as anything changes.",
    zh = "没有事做：IDLE。客户不再说话；一有变化，服务器马上告知。",
  }
  s:wait("5s")
  s:beat {
    en = "Bob opens the first letter: DONE ends the waiting, then its structure, then the text, then the mark \\Seen.",
    zh = "Bob 打开第一封信：DONE 结束等待，然后取结构、取文本、打上 \\Seen 标记。",
  }
  bob:mail_open(1)
  s:wait_until(function(trace) return #trace:facts { name = "imap.flag_told", host = bob } == 1 end, "10s")
  s:expect("Bob reads Alice's words", function(trace)
    local opened = trace:facts { name = "imap.opened", host = bob }
    return #opened == 1 and opened[1].fields.text == "Lunch at eight?\r\n" and opened[1].fields.subject == "Lunch"
  end)
  s:wait("3s")

  s:phase { en = "Logout", zh = "注销" }
  s:beat {
    en = "LOGOUT: the server says BYE, and OK. The letters are where they were.",
    zh = "LOGOUT：服务器说 BYE，再说 OK。信还在原处。",
  }
  bob:mail_disconnect()
  s:wait_until(function(trace) return #trace:facts { name = "imap.done", host = bob } == 1 end, "10s")
  s:wait("2s")
  s:expect("both letters are still at the server, one of them read", function(trace)
    local fields = inbox(trace)
    return fields.messages == 2 and fields.unseen == 1, fields.messages .. " letters, " .. fields.unseen .. " not read"
  end)
  s:expect("the three states came in this order", function(trace)
    local order = {}
    for _, arrow in ipairs(trace:states { host = hamburger, machine = "imap.server" }) do
      if arrow.to ~= arrow.from and order[#order] ~= arrow.to then order[#order + 1] = arrow.to end
    end
    local text = table.concat(order, " ")
    return text:find("^NOT_AUTHENTICATED AUTHENTICATED SELECTED") ~= nil and text:find("LOGOUT CLOSED$") ~= nil, text
  end)
  s:expect("every command has a tag of its own, and one tagged answer", function(trace)
    local tags, answers = {}, 0
    for _, m in ipairs(trace:messages { proto = "imap", from = bob }) do
      local tag = m.fields.tag
      if tag and tags[tag] then return false, "tag " .. tag .. " twice" end
      if tag then tags[tag] = true end
    end
    for _, m in ipairs(trace:messages { proto = "imap", from = hamburger }) do
      if tags[m.fields.tag] then answers = answers + 1 end
    end
    local count = 0
    for _ in pairs(tags) do count = count + 1 end
    return count == answers and count > 0, count .. " commands, " .. answers .. " answers"
  end)
  s:expect("the body of the second letter was never fetched", function(trace)
    for _, m in ipairs(trace:messages { proto = "imap", from = hamburger }) do
      if m.text:find("Dinner at eight") then return false end
    end
    return #said(trace, "UID FETCH") == 3
  end)
end)
