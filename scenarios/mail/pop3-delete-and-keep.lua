-- Download and delete, download and keep (row M20). The same mailbox, two machines: what one of them deletes the other never sees.
local s = scenario {
  title = { en = "Delete or keep?", zh = "下载并删除，还是下载并保留？" },
  about = {
    en = "Bob's PC at home keeps mail at the server, his PC at work deletes it. Where is the letter then?",
    zh = "Bob 家里的电脑取信后保留，办公室的电脑取信后删除。信到底在哪里？",
  },
  seed = 202,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "hungry" } }
hamburger:pop3_server {}
local home = s:host { name = "home", on = net, address = "198.51.100.102" }
home:pop3_client { server = "198.51.100.25", user = "bob", password = "hungry", mode = "keep" }
local work = s:host { name = "work", on = net, address = "198.51.100.103" }
work:pop3_client { server = "198.51.100.25", user = "bob", password = "hungry", mode = "delete" }

local function count(trace, host)
  local changed = trace:facts { name = "mailbox.changed", host = host }
  return #changed > 0 and changed[#changed].fields.messages or 0
end
local function where(trace) return ("%d at the server, %d at home, %d at work"):format(count(trace, hamburger), count(trace, home), count(trace, work)) end

local letters = 0
local function write(subject)
  letters = letters + 1
  alice:mail { from = "Alice <alice@crepes.fr>", to = "bob@hamburger.edu", subject = subject, text = "Hello Bob.\n" }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == letters end, "10s")
end
-- Fetches, and waits for the end of it: what the session cost.
local function fetch(host)
  local before = #s.trace:facts { name = "pop3.done", host = host }
  host:check_mail()
  s:wait_until(function(trace) return #trace:facts { name = "pop3.done", host = host } > before end, "1m")
  s:wait("3s")
  local done = s.trace:facts { name = "pop3.done", host = host }
  return done[#done].fields
end
local function retrieved(trace, host, since) return #trace:messages { proto = "pop3", name = "RETR", from = host, since = since } end

s:script(function()
  for _, host in ipairs { alice, hamburger, home, work } do host:boot { quiet = true } end
  s:wait("1s")
  write("First")
  write("Second")

  s:phase { en = "Download and keep", zh = "下载并保留" }
  s:beat { en = "At home: RETR, and no DELE. The letters lie on the PC's disk, and at the server too.", zh = "在家：RETR，不 DELE。信在电脑磁盘上，也在服务器上。" }
  fetch(home)
  s:expect("both letters are in both places", function(trace) return count(trace, home) == 2 and count(trace, hamburger) == 2, where(trace) end)
  s:expect("nothing was deleted", function(trace) return #trace:messages { proto = "pop3", name = "DELE" } == 0 end)

  s:phase { en = "The same again", zh = "再取一次" }
  write("Third")
  s:beat {
    en = "Again. How does the PC know which it has? By UIDL: a name for each message that stays, whatever its number is.",
    zh = "再取一次。电脑怎么知道哪些已取过？靠 UIDL：每封信有一个不变的名字，编号变了也不怕。",
  }
  local again = s.now
  fetch(home)
  s:expect("only the third is fetched", function(trace) return retrieved(trace, home, again) == 1 and count(trace, home) == 3, where(trace) end)
  s:expect("and named by another id than the others", function(trace)
    local seen = {}
    for _, fact in ipairs(trace:facts { name = "pop3.retrieved", host = home }) do
      if seen[fact.fields.uid] then return false, fact.fields.uid end
      seen[fact.fields.uid] = true
    end
    return true
  end)

  s:phase { en = "Download and delete", zh = "下载并删除" }
  s:beat { en = "At work the client is set to delete: RETR, then DELE, message by message; UPDATE at the end.", zh = "办公室的客户程序设成删除：逐封 RETR、DELE，最后 UPDATE。" }
  fetch(work)
  s:expect("the server is empty; each PC has three", function(trace)
    return count(trace, hamburger) == 0 and count(trace, home) == 3 and count(trace, work) == 3, where(trace)
  end)
  s:expect("a message was on the PC's disk before it was said to be deleted", function(trace)
    local stored, said = trace:facts { name = "pop3.retrieved", host = work }, trace:messages { proto = "pop3", name = "DELE", from = work }
    if #stored ~= 3 or #said ~= 3 then return false end
    for i = 1, 3 do
      if stored[i].seq > said[i].seq then return false, "message " .. i end
    end
    return true
  end)

  s:phase { en = "Two machines, two truths", zh = "两台机器，两种说法" }
  write("Fourth")
  s:beat { en = "The fourth letter: work fetches it first, and deletes it. Then Bob goes home.", zh = "第四封信：办公室先取走并删除。然后 Bob 回家。" }
  fetch(work)
  local cost = fetch(home)
  s:expect("home never sees the fourth letter", function(trace)
    return cost.messages == 0 and count(trace, home) == 3 and count(trace, work) == 4 and count(trace, hamburger) == 0, where(trace)
  end)
  s:beat {
    en = "POP3 keeps nothing between sessions: no folders, no marks of what was read. A user with several machines wants IMAP.",
    zh = "POP3 在会话之间不保存任何状态：没有文件夹，没有已读标记。有几台设备的用户需要 IMAP。",
  }
end)
