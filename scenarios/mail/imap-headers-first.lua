-- Headers first (row M21): twenty letters lie at the server, and Bob's line is slow. With IMAP he sees the list at once, and fetches the one he
-- wants; with POP3 he would fetch them all.
local s = scenario {
  title = { en = "Headers first", zh = "先取首部" },
  about = {
    en = "Twenty letters, most of them big, and a slow line. The list comes in a few seconds; only the letter that is opened is fetched.",
    zh = "二十封信，大多很大，而线路很慢。几秒钟就能看到列表；只取打开的那一封。",
  },
  seed = 21,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "mail.hamburger.edu", domains = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "secret" } }
hamburger:imap_server {}
local sender = s:host { name = "shop", on = net, address = "198.51.100.101" }
sender:mail_agent { address = "news@shop.example", server = "198.51.100.25" }
local bob = s:host { name = "bob-pc", on = net, address = "198.51.100.102", bandwidth = 128000 }
bob:imap_client { server = "198.51.100.25", user = "bob", password = "secret" }

local letters, size = 20, 0
local function received(trace)
  local octets = 0
  for _, m in ipairs(trace:messages { proto = "imap", received_by = bob }) do octets = octets + #m.text end
  return octets
end

s:script(function()
  hamburger:boot { quiet = true } sender:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "Twenty letters arrive", zh = "二十封信到达" }
  for i = 1, letters do
    sender:mail {
      from = "The shop <news@shop.example>", to = "bob@hamburger.edu", subject = "Offer " .. i,
      text = (i == 12) and "Bob, your order is ready.\n" or ("Buy now! "):rep(600) .. "\n",
    }
  end
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == letters end, "2m")
  s:wait("2s")

  s:phase { en = "The list", zh = "列表" }
  s:beat {
    en = "Bob's line carries 128 kbit/s. His reader asks for flags, dates, sizes and envelopes: who wrote, and about what.",
    zh = "Bob 的线路只有 128 kbit/s。阅读器只要标志、日期、大小和信封：谁写的，关于什么。",
  }
  bob:boot { quiet = true }
  local start = s.now
  s:wait_until(function(trace) return #trace:facts { name = "imap.synchronized", host = bob } == 1 end, "1m")
  local listed = s.now - start
  s:beat {
    en = "The list of twenty letters is there. Not one body was fetched.",
    zh = "二十封信的列表已经到了，一个正文也没有取。",
  }
  s:expect("the list of twenty letters took less than three seconds", listed < 3)
  s:wait("3s")

  s:phase { en = "One letter", zh = "一封信" }
  s:beat {
    en = "Number 12 is the one Bob waits for: only its text is fetched.",
    zh = "第 12 封是 Bob 在等的：只取它的文本。",
  }
  local asked = s.now
  bob:mail_open(12)
  s:wait_until(function(trace) return #trace:facts { name = "imap.opened", host = bob } == 1 end, "1m")
  local opened = s.now - asked
  s:wait("2s")
  s:expect("it opens in less than a second", opened < 1)
  s:expect("Bob reads the twelfth letter", function(trace)
    local fact = trace:facts { name = "imap.opened", host = bob }[1].fields
    return fact.uid == 12 and fact.subject == "Offer 12" and fact.text == "Bob, your order is ready.\r\n"
  end)

  s:phase { en = "What it has cost", zh = "代价" }
  for _, fact in ipairs(s.trace:facts { name = "imap.header", host = bob }) do size = size + fact.fields.size end
  local octets = received(s.trace)
  s:say {
    en = ("All letters together have %d octets; the server has said %d. At 128 kbit/s that is %.0f seconds against %.1f."):format(size, octets, size * 8 / 128000, octets * 8 / 128000),
    zh = ("全部信件共 %d 字节；服务器只说了 %d 字节。以 128 kbit/s 计，%.0f 秒对 %.1f 秒。"):format(size, octets, size * 8 / 128000, octets * 8 / 128000),
  }
  s:expect("less than a tenth of the octets came over the line", octets * 10 < size, octets .. " of " .. size)
  s:expect("no offer was fetched", function(trace)
    for _, m in ipairs(trace:messages { proto = "imap", received_by = bob }) do
      if m.text:find("Buy now") then return false end
    end
    return true
  end)
end)
