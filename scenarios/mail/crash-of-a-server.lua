-- Crashes (rows M2, M4): 250 after the dot means: it is on my disk, and mine to deliver. What was not answered 250, the client still has.
local s = scenario {
  title = { en = "The power fails", zh = "停电" },
  about = {
    en = "Alice's server crashes with a letter in its queue; Bob's crashes in the middle of DATA. Nothing is lost.",
    zh = "Alice 的服务器在消息队列里有信时崩溃；Bob 的服务器在 DATA 中途崩溃。信都没有丢。",
  },
  seed = 25,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
} }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.10" }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "crepes.fr", mailboxes = { "alice" }, trusted = "198.51.100.101", retry = "10m" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25", dns = "198.51.100.53" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }

local function delivered(trace) return #trace:facts { name = "mail.delivered", host = hamburger } end
local function write(subject)
  alice:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = subject, text = ("Every line counts.\n"):rep(200) }
end

s:script(function()
  dns:boot { quiet = true } alice:boot { quiet = true } crepes:boot { quiet = true }
  s:wait("1s")

  s:phase { en = "After the 250", zh = "250 之后" }
  s:beat {
    en = "Alice's server answers 250: the letter is on its disk. Bob's server is still off.",
    zh = "Alice 的服务器回答 250：信已在它的磁盘上。Bob 的服务器还没有开机。",
  }
  write("First")
  s:wait_until(function(trace) return #trace:facts { name = "smtp.accepted", host = crepes } == 1 end, "1m")
  s:wait("1s")
  s:beat { en = "The power fails at crepes. Memory is gone; the disk is not.", zh = "crepes 停电。内存没了，磁盘还在。" }
  crepes:crash()
  s:wait("5m")
  s:beat { en = "Power again: the server finds the queue on its disk, and goes on. Bob's server is up by now.", zh = "恢复供电：服务器在磁盘上找到消息队列，接着投递。Bob 的服务器也开机了。" }
  hamburger:boot { quiet = true }
  crepes:boot { quiet = true }
  s:wait_until(function(trace) return delivered(trace) == 1 end, "6h")
  s:expect("the letter survived the crash of Alice's server", function(trace) return delivered(trace) == 1 end)
  s:wait("5s")

  s:phase { en = "Before the 250", zh = "250 之前" }
  s:beat {
    en = "The next letter. This time Bob's server crashes while the content is under way, before its 250.",
    zh = "下一封信。这次 Bob 的服务器在内容传送途中、250 之前崩溃。",
  }
  write("Second")
  s:wait_until(function(trace) return #trace:messages { proto = "smtp", name = "354", received_by = crepes } == 2 end, "1m")
  s:wait("3ms")
  hamburger:crash()
  s:wait("2m")
  s:expect("Bob's server had not taken it over", function(trace) return delivered(trace) == 1 end)
  s:beat {
    en = "crepes never heard a 250: so the letter is still its own. It will try again.",
    zh = "crepes 没有收到 250，信仍归它负责。它会再试。",
  }
  hamburger:boot { quiet = true }
  s:wait_until(function(trace) return delivered(trace) == 2 end, "6h")
  s:wait("10s")
  s:expect("both letters lie in Bob's mailbox, each once", function(trace) return delivered(trace) == 2 end)
  s:expect("nothing is left in a queue", function(trace)
    return #trace:facts { name = "mail.queued" } == #trace:facts { name = "mail.dequeued" }
  end)
end)
