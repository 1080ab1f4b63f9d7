-- POP3 against IMAP (rows M20, M21): one mailbox, one day of its reader, two programs. What each fetches, how often it must wait for an answer,
-- when it learns of new mail, and what is left without a network.
local s = scenario {
  title = { en = "POP3 against IMAP", zh = "POP3 对 IMAP" },
  about = {
    en = "The same mailbox and the same day, read by POP3 on one PC and by IMAP on another: octets and round trips, counted side by side.",
    zh = "同一个邮箱、同样的一天：一台电脑用 POP3 读，另一台用 IMAP 读。字节数和往返次数并排计数。",
  },
  seed = 2021,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "10ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "mail.hamburger.edu", domains = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "hungry" } }
hamburger:pop3_server {}
hamburger:imap_server {}
local pop = s:host { name = "pop3-pc", on = net, address = "198.51.100.102" }
pop:pop3_client { server = "198.51.100.25", user = "bob", password = "hungry", mode = "keep", check = "10m" }
local imap = s:host { name = "imap-pc", on = net, address = "198.51.100.103" }
imap:imap_client { server = "198.51.100.25", user = "bob", password = "hungry" }

-- What the reader's program and the server have said to each other: octets in both directions, and how often the program asked something
-- and waited for the answer.
local function cost(trace, proto, host, since, before)
  local said = {}
  for _, query in ipairs { { from = host }, { received_by = host } } do
    query.proto, query.since, query.before = proto, since, before
    for _, message in ipairs(trace:messages(query)) do said[#said + 1] = message end
  end
  table.sort(said, function(a, b) return a.seq < b.seq end)
  local octets, round_trips, waits = 0, 0, false
  for _, message in ipairs(said) do
    octets = octets + #message.text
    if message.received and waits then round_trips = round_trips + 1 end
    waits = not message.received
  end
  return { octets = octets, round_trips = round_trips }
end
local function both(trace, since, before) return cost(trace, "pop3", pop, since, before), cost(trace, "imap", imap, since, before) end
local function tell(since, before)
  local p, i = both(s.trace, since, before)
  s:say {
    en = ("POP3: %d octets, %d round trips. IMAP: %d octets, %d round trips."):format(p.octets, p.round_trips, i.octets, i.round_trips),
    zh = ("POP3：%d 字节，%d 次往返。IMAP：%d 字节，%d 次往返。"):format(p.octets, p.round_trips, i.octets, i.round_trips),
  }
end

local letters = 0
local function write(subject, picture)
  letters = letters + 1
  alice:mail {
    from = "Alice <alice@crepes.fr>", to = "bob@hamburger.edu", subject = subject, text = "Hello Bob,\nthis is " .. subject .. ".\n",
    attachments = picture and { { type = "image/gif", name = "menu.gif", text = ("GIF"):rep(10000) } } or nil,
  }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == letters end, "1m")
end
local function fetched(trace) return #trace:facts { name = "pop3.retrieved", host = pop } end
local function opened(trace) return #trace:facts { name = "imap.opened", host = imap } end

s:script(function()
  hamburger:boot { quiet = true } alice:boot { quiet = true }
  s:wait("1s")
  write("Monday's menu", true)
  write("Lunch")
  write("Tuesday's menu", true)

  s:phase { en = "Morning: three letters wait", zh = "早上：三封信在等" }
  local morning = s.now
  s:beat {
    en = "Two letters with pictures of 30 000 octets, one without. Bob only wants to read about lunch. POP3 knows one way: RETR, one letter after the other, whole.",
    zh = "两封带 30 000 字节的图片，一封没有。Bob 只想看午餐那封。POP3 只有一种办法：RETR，一封接一封，整封取回。",
  }
  pop:boot { quiet = true }
  pop:check_mail()
  s:wait_until(function(trace) return #trace:facts { name = "pop3.done", host = pop } == 1 end, "1m")
  s:beat {
    en = "IMAP: the envelopes of all three in one command; then the one letter that Bob opens.",
    zh = "IMAP：一条命令取回三封信的信封；然后只取 Bob 打开的那一封。",
  }
  imap:boot { quiet = true }
  s:wait_until(function(trace) return #trace:facts { name = "imap.synchronized", host = imap } == 1 end, "1m")
  imap:mail_open(2)
  s:wait_until(function(trace) return opened(trace) == 1 end, "1m")
  s:wait("3s")
  local after_morning = s.now
  s:beat { en = "What did it cost?", zh = "代价是多少？" }
  tell(morning, after_morning)
  s:expect("POP3 has fetched all three letters, IMAP has read the one", function(trace)
    return fetched(trace) == 3 and opened(trace) == 1 and trace:facts { name = "imap.opened", host = imap }[1].fields.subject == "Lunch"
  end)
  s:expect("IMAP has needed less than a tenth of the octets, since it left the pictures where they are", function(trace)
    local p, i = both(trace, morning, after_morning)
    return p.octets > 80000 and i.octets * 10 < p.octets, ("%d and %d octets"):format(p.octets, i.octets)
  end)

  s:phase { en = "Noon: a new letter", zh = "中午：来了一封新信" }
  s:wait("1m")
  local noon = s.now
  s:beat {
    en = "Alice writes again. IMAP's server tells it at once (IDLE: * 4 EXISTS); POP3 can't be told: its program asks every ten minutes.",
    zh = "Alice 又来信了。IMAP 服务器马上告知（IDLE：* 4 EXISTS）；POP3 没有办法被告知：程序每十分钟问一次。",
  }
  write("Coffee at three?")
  s:wait_until(function(trace) return fetched(trace) == 4 end, "15m")
  s:wait("3s")
  s:expect("IMAP knew within a second, POP3 minutes later", function(trace)
    local came = trace:facts { name = "mail.delivered", host = hamburger }[4].t
    local told = trace:facts { name = "imap.header", host = imap, since = noon }[1].t
    local found = trace:facts { name = "pop3.retrieved", host = pop }[4].t
    return told - came < 1 and found - came > 60, ("%.1f s and %.0f s"):format(told - came, found - came)
  end)
  s:expect("POP3 has fetched none of the old letters again: it knows them by UIDL", function(trace)
    return #trace:messages { proto = "pop3", name = "RETR", from = pop, since = noon } == 1
  end)

  s:phase { en = "Afternoon: nothing new", zh = "下午：没有新信" }
  local afternoon = s.now
  s:beat {
    en = "An hour without mail. POP3 logs in, asks, and logs out, six times. IMAP's connection stands and says nothing, but for a word every half an hour.",
    zh = "一小时没有新信。POP3 登录、询问、退出，共六次。IMAP 的连接一直在，半小时才说一句话。",
  }
  s:wait("1h")
  local evening = s.now
  tell(afternoon, evening)
  s:expect("POP3 has asked six times and got nothing", function(trace)
    local sessions = trace:facts { name = "pop3.done", host = pop, since = afternoon, before = evening }
    for _, session in ipairs(sessions) do if session.fields.new ~= 0 then return false end end
    return #sessions == 6
  end)
  s:expect("IMAP has needed fewer octets for that, and a fifth of the round trips", function(trace)
    local p, i = both(trace, afternoon, evening)
    return i.octets * 5 < p.octets and i.round_trips * 5 <= p.round_trips, ("%d and %d round trips"):format(p.round_trips, i.round_trips)
  end)

  s:phase { en = "Evening: in the train", zh = "晚上：在火车上" }
  s:beat {
    en = "No network. Bob wants to see the pictures. POP3's PC has every letter on its disk. IMAP's PC has one letter and four envelopes.",
    zh = "没有网络。Bob 想看图片。POP3 那台电脑的磁盘上有所有的信；IMAP 那台只有一封信和四个信封。",
  }
  pop:unplug() imap:unplug()
  s:wait("5s")
  imap:mail_open(1)
  s:wait("1m")
  s:expect("POP3's disk has all four letters", function(trace)
    local changed = trace:facts { name = "mailbox.changed", host = pop }
    return changed[#changed].fields.messages == 4
  end)
  s:expect("IMAP can't open the first one now", function(trace) return opened(trace) == 1 end)
  s:beat { en = "At home the cable is back: what Bob wanted in the train is fetched now.", zh = "到家接上网线：在火车上想看的，现在取回。" }
  pop:plug() imap:plug()
  s:wait_until(function(trace) return opened(trace) == 2 end, "20m")
  imap:mail_part(1, "2")
  s:wait_until(function(trace) return #trace:facts { name = "imap.part_read", host = imap } >= 3 end, "1m")
  s:wait("10s")

  s:phase { en = "The whole day", zh = "一整天" }
  tell(0)
  s:beat {
    en = "POP3 is simple, and everything is at hand. IMAP fetches what is read, when it is read, and every device sees the same mailbox.",
    zh = "POP3 简单，信都在手边。IMAP 读什么取什么，每台设备看到同一个邮箱。",
  }
  s:expect("both have read from the same mailbox, and nothing was lost there", function(trace)
    local last = nil
    for _, fact in ipairs(trace:facts { name = "mailbox.changed", host = hamburger }) do last = fact.fields end
    return last.messages == 4 and last.mailbox == "INBOX"
  end)
end)
