-- What stays on the server (row M20, and why row M21 is wanted): a reader that keeps its mail there by POP3 fills its mailbox, and looks at
-- everything anew on each machine.
local s = scenario {
  title = { en = "It stays on the server", zh = "邮件留在服务器上" },
  about = {
    en = "Bob's clients leave mail at the server. His mailbox has a limit, and his phone does not want the big one.",
    zh = "Bob 的客户程序把邮件留在服务器上。邮箱有限额，手机也不想取那封大的。",
  },
  seed = 205,
}

local quota = s:setting { name = "quota", default = 30000, en = "octets in Bob's mailbox", zh = "Bob 邮箱的容量（字节）" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { bob = { quota = quota } }, users = { bob = "hungry" } }
hamburger:pop3_server {}
local function reader(name, address, mode, limit)
  local host = s:host { name = name, on = net, address = address }
  host:pop3_client { server = "198.51.100.25", user = "bob", password = "hungry", mode = mode, retrieve_limit = limit }
  return host
end
local pc = reader("bob-pc", "198.51.100.102", "keep")
local phone = reader("bob-phone", "198.51.100.103", "headers", 2000)
local laptop = reader("bob-laptop", "198.51.100.104", "delete")

local function count(trace, host)
  local changed = trace:facts { name = "mailbox.changed", host = host }
  return #changed > 0 and changed[#changed].fields.messages or 0
end
local function write(subject, lines)
  alice:mail { from = "Alice <alice@crepes.fr>", to = "bob@hamburger.edu", subject = subject, text = ("A line of the letter, like all the others.\n"):rep(lines) }
end
local function fetch(host)
  local before = #s.trace:facts { name = "pop3.done", host = host }
  host:check_mail()
  s:wait_until(function(trace) return #trace:facts { name = "pop3.done", host = host } > before end, "1m")
  s:wait("3s")
  local done = s.trace:facts { name = "pop3.done", host = host }
  return done[#done].fields
end

s:script(function()
  for _, host in ipairs { alice, hamburger, pc, phone, laptop } do host:boot { quiet = true } end
  s:wait("1s")
  write("Short", 5)
  write("Holiday pictures", 500)
  write("Short again", 5)
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 3 end, "1m")
  s:wait("3s")

  s:phase { en = "The PC keeps", zh = "电脑：保留" }
  s:beat { en = "Bob's PC fetches all three whole, and leaves them there.", zh = "Bob 的电脑把三封全部取回，服务器上保留。" }
  local all = fetch(pc)
  s:expect("three letters come, and stay", function(trace) return count(trace, pc) == 3 and count(trace, hamburger) == 3 end)

  s:phase { en = "The phone looks at headers", zh = "手机：先看首部" }
  s:beat {
    en = "On his phone everything is new once more: POP3 does not know what was read. It asks for the headers first: TOP n 0.",
    zh = "在手机上，一切又都是新的：POP3 不记得哪些已读。手机先要首部：TOP n 0。",
  }
  local few = fetch(phone)
  s:expect("three headers, and the two short letters", function(trace)
    return #trace:facts { name = "pop3.header", host = phone } == 3 and count(trace, phone) == 2 and few.new == 2
  end)
  s:expect("the pictures stay where they are: far fewer octets", function() return few.octets * 4 < all.octets, ("%d against %d"):format(few.octets, all.octets) end)
  s:beat {
    en = "The header or the whole: TOP can do no more. One part of a letter, without its attachment, cannot be asked for; in IMAP it can.",
    zh = "要么首部，要么全部：TOP 只能做到这样。只取一封信的某一部分而不取附件，POP3 做不到；IMAP 可以。",
  }

  s:phase { en = "It fills up", zh = "装满了" }
  s:beat { en = "And it is all still there. The next big letter does not fit into the mailbox any more: 552.", zh = "所有的信仍在服务器上。下一封大信装不下了：552。" }
  write("More pictures", 400)
  s:wait_until(function(trace) return #trace:facts { name = "mail.refused", host = alice } + #trace:facts { name = "mail.not_sent", host = alice } >= 1 end, "1m")
  s:wait("3s")
  s:expect("Alice's letter is refused: the mailbox is full", function(trace)
    return #trace:messages { proto = "smtp", name = "552", received_by = alice } >= 1 and count(trace, hamburger) == 3
  end)

  s:phase { en = "The laptop deletes", zh = "笔记本：删除" }
  s:beat { en = "His laptop fetches and deletes. There is room again; but the phone will never have the pictures now.", zh = "笔记本取信并删除。又有地方了；但手机再也取不到那些照片。" }
  fetch(laptop)
  write("More pictures", 400)
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 4 end, "1m")
  s:wait("3s")
  s:expect("the letter is taken, and alone in the mailbox", function(trace) return count(trace, hamburger) == 1 and count(trace, laptop) == 3 end)
  local later = fetch(phone)
  s:expect("the phone sees one header, of the new letter", function(trace)
    local headers = trace:facts { name = "pop3.header", host = phone }
    return later.messages == 1 and #headers == 4 and headers[4].fields.subject == "More pictures" and count(trace, phone) == 2
  end)
  s:beat {
    en = "Mail that lives on the PC is in one place only; mail that lives at the server needs a protocol made for it: IMAP.",
    zh = "信放在电脑上，就只有一个地方有；信放在服务器上，就需要为此设计的协议：IMAP。",
  }
end)
