-- A broken connection (row M20): without QUIT the server deletes nothing, and the client tries again without fetching anything twice.
local s = scenario {
  title = { en = "The cable is pulled", zh = "网线断了" },
  about = {
    en = "In the middle of a download the cable goes. Nothing is lost at the server, nothing comes twice to the PC.",
    zh = "取信取到一半，网线断了。服务器上什么也没丢，电脑上什么也没重复。",
  },
  seed = 203,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "hungry" } }
hamburger:pop3_server {}
local pc = s:host { name = "bob-pc", on = net, address = "198.51.100.102" }
pc:pop3_client { server = "198.51.100.25", user = "bob", password = "hungry", mode = "delete", retry = "2s" }

local function count(trace, host)
  local changed = trace:facts { name = "mailbox.changed", host = host }
  return #changed > 0 and changed[#changed].fields.messages or 0
end

s:expect_always("each letter is at the server or on the PC, or both", function(trace)
  return count(trace, hamburger) + count(trace, pc) >= #trace:facts { name = "mail.delivered", host = hamburger }
end)
s:expect_never("a letter is on the PC twice", function(trace)
  local seen = {}
  for _, fact in ipairs(trace:facts { name = "pop3.retrieved", host = pc }) do
    if seen[fact.fields.uid] then return true end
    seen[fact.fields.uid] = true
  end
  return false
end)

s:script(function()
  for _, host in ipairs { alice, hamburger, pc } do host:boot { quiet = true } end
  s:wait("1s")
  for i = 1, 4 do
    alice:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Letter " .. i, text = ("One of many lines.\n"):rep(100) }
  end
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 4 end, "1m")
  s:wait("3s")

  s:phase { en = "It breaks off", zh = "中断" }
  s:beat { en = "Bob's PC fetches its mail: RETR, on disk, DELE; RETR, on disk, DELE …", zh = "Bob 的电脑取信：RETR、写盘、DELE；RETR、写盘、DELE……" }
  pc:check_mail()
  s:wait_until(function(trace) return #trace:facts { name = "pop3.deleted", host = pc } == 2 end, "1m")
  pc:unplug()
  s:beat { en = "The cable is pulled: two letters are on the PC, and marked at the server. QUIT was never said.", zh = "网线被拔：两封信已在电脑上，服务器上做了标记。QUIT 没有说出口。" }
  s:wait("1m")
  s:expect("the client gives the connection up", function(trace)
    local failed = trace:facts { name = "pop3.failed", host = pc }
    return #failed == 1 and failed[1].fields.reason == "pop3.timeout", failed[1] and failed[1].fields.reason
  end)
  s:expect("at the server all four are there", function(trace) return count(trace, hamburger) == 4 and count(trace, pc) == 2 end)

  s:phase { en = "The lock", zh = "锁" }
  pc:plug()
  s:beat {
    en = "The cable is back, and the client tries again: -ERR [IN-USE]. The server has not heard of any end, and keeps the maildrop locked.",
    zh = "网线恢复，客户再试：-ERR [IN-USE]。服务器不知道对方已断，仍锁着邮箱。",
  }
  s:wait_until(function(trace) return #trace:facts { name = "pop3.login_refused", host = hamburger } >= 1 end, "10m")
  s:expect("the lock is why", function(trace)
    local refused = trace:facts { name = "pop3.login_refused", host = hamburger }
    return refused[1].fields.reason == "pop3.in_use"
  end)
  s:beat {
    en = "The server's TCP still repeats its last answer. The PC's TCP knows no such connection any more: RST. The session ends without UPDATE.",
    zh = "服务器的 TCP 还在重传最后一个应答。电脑的 TCP 已没有这个连接：RST。会话不经过 UPDATE 就结束。",
  }
  s:wait_until(function(trace) return #trace:facts { name = "pop3.lost", host = hamburger } == 1 end, "15m")
  s:expect("two marks are forgotten, nothing is deleted", function(trace)
    local lost = trace:facts { name = "pop3.lost", host = hamburger }
    return lost[1].fields.marked == 2 and count(trace, hamburger) == 4 and #trace:states { host = hamburger, machine = "pop3.server", to = "UPDATE" } == 0
  end)

  s:phase { en = "Once more", zh = "再来一次" }
  s:beat {
    en = "The client comes again. By UIDL it knows two of the four: it only deletes those, and fetches the other two.",
    zh = "客户再来。靠 UIDL 它认出四封中的两封：这两封只删除，另两封才取。",
  }
  local again = s.now
  s:wait_until(function(trace) return #trace:facts { name = "pop3.done", host = pc } == 1 end, "10m")
  s:wait("3s")
  s:expect("two are fetched, four deleted", function(trace)
    local done = trace:facts { name = "pop3.done", host = pc }
    return done[1].fields.new == 2 and done[1].fields.deleted == 4 and #trace:messages { proto = "pop3", name = "RETR", from = pc, since = again } == 2
  end)
  s:expect("four letters on the PC, each once; the mailbox is empty", function(trace) return count(trace, pc) == 4 and count(trace, hamburger) == 0 end)
end)
