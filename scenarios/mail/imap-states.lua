-- The states of IMAP (row M21): not authenticated, authenticated, selected, logout. Typed by hand: each command in the state where it may be
-- given, and once where it may not.
local s = scenario {
  title = { en = "The states of IMAP", zh = "IMAP 的状态" },
  about = {
    en = "At a terminal: which command is allowed in which state, what BAD and NO mean, and what a tag is for.",
    zh = "在终端上：哪些命令在哪个状态下允许，BAD 和 NO 有什么区别，标签有什么用。",
  },
  seed = 33,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "mail.hamburger.edu", domains = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "secret" } }
hamburger:imap_server { folders = { "Projects" } }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local pc = s:host { name = "pc", on = net, address = "198.51.100.77" }

local connection, number = nil, 0

-- Types a command under the next tag, and reads up to its answer: "OK", "NO" or "BAD". The second value is all that was said.
local function enter(command)
  number = number + 1
  local tag, all = "b" .. number, ""
  connection:say(tag .. " " .. command)
  while true do
    local reply = connection:read()
    if not reply then
      if not connection:wait("5s") then return nil, all end
    else
      all = all .. reply.text
      local answer = ("\n" .. all):match("\n" .. tag .. " (%u+)")
      if answer then return answer, all end
    end
  end
end

local function expect(command, answer, found)
  local got, all = enter(command)
  s:expect(("%s: %s"):format(command, answer), function()
    return got == answer and (not found or all:find(found, 1, true) ~= nil), all:gsub("%s+", " ")
  end)
end

s:script(function()
  hamburger:boot { quiet = true } alice:boot { quiet = true } pc:boot { quiet = true }
  s:wait("1s")
  alice:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Lunch", text = "Do you like ketchup?\n" }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 1 end, "20s")
  s:wait("2s")

  s:phase { en = "Not authenticated", zh = "未鉴别" }
  s:beat {
    en = "The server greets: * OK. In this state it must first be known who speaks.",
    zh = "服务器问候：* OK。在这个状态下，首先要弄清是谁在说话。",
  }
  connection = pc:connect { to = hamburger, port = 143 }
  connection:wait()
  local greeting = connection:read()
  s:expect("the greeting is untagged", function() return greeting ~= nil and greeting.text:find("^%* OK") ~= nil end)
  s:beat { en = "CAPABILITY may be asked in every state.", zh = "CAPABILITY 在任何状态下都可以问。" }
  expect("CAPABILITY", "OK", "IMAP4rev1")
  s:beat {
    en = "SELECT already now? BAD: not in this state. The tag says which command that was the answer to.",
    zh = "现在就 SELECT？BAD：这个状态下不允许。标签说明这是对哪条命令的应答。",
  }
  expect("SELECT INBOX", "BAD")
  s:beat {
    en = "A wrong password: NO. The command is good, but it can't be done. The state stays.",
    zh = "口令错误：NO。命令本身没错，但办不到。状态不变。",
  }
  expect("LOGIN bob wrong", "NO")
  expect("LOGIN bob secret", "OK")

  s:phase { en = "Authenticated", zh = "已鉴别" }
  s:beat {
    en = "Now mailboxes can be listed, made, removed, asked about. Letters can't be read yet: none is open.",
    zh = "现在可以列出、新建、删除、询问邮箱。还不能读信：没有打开邮箱。",
  }
  expect("LIST \"\" *", "OK", "Projects")
  expect("STATUS INBOX (MESSAGES UNSEEN)", "OK", "MESSAGES 1 UNSEEN 1")
  expect("FETCH 1 ENVELOPE", "BAD")

  s:phase { en = "Selected", zh = "已选邮箱" }
  s:beat {
    en = "SELECT: the mailbox is open. Letters have numbers from 1 on, and UIDs that never change.",
    zh = "SELECT：邮箱打开了。信有从 1 开始的序号，还有永不改变的 UID。",
  }
  expect("SELECT INBOX", "OK", "1 EXISTS")
  expect("FETCH 1 ENVELOPE", "OK", "Lunch")
  expect("SEARCH SUBJECT lunch", "OK", "* SEARCH 1")
  expect("STORE 1 +FLAGS (\\Deleted)", "OK", "\\Deleted")
  s:beat {
    en = "CLOSE removes what is marked \\Deleted and goes back: authenticated again.",
    zh = "CLOSE 删除带 \\Deleted 标记的信，然后退回：又是已鉴别状态。",
  }
  expect("CLOSE", "OK")
  expect("STATUS INBOX (MESSAGES)", "OK", "MESSAGES 0")
  expect("FETCH 1 FLAGS", "BAD")

  s:phase { en = "Logout", zh = "注销" }
  s:beat { en = "LOGOUT: * BYE, then the tagged OK, then the server closes.", zh = "LOGOUT：先是 * BYE，再是带标签的 OK，然后服务器关闭连接。" }
  expect("LOGOUT", "OK", "* BYE")
  s:wait("2s")
  s:expect("the server closed the connection", connection.peer_closed or connection.state == "ENDED")
  s:expect("the four states, in their order", function(trace)
    local order = {}
    for _, arrow in ipairs(trace:states { host = hamburger, machine = "imap.server" }) do
      local state = arrow.to
      if state ~= "WRITING" and order[#order] ~= state then order[#order + 1] = state end
    end
    local text = table.concat(order, " ")
    return text:find("^NOT_AUTHENTICATED AUTHENTICATED SELECTED AUTHENTICATED LOGOUT") ~= nil, text
  end)
end)
