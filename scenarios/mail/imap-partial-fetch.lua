-- A range of octets (row M21): BODY[2]<0.1024>. Bob looks at the beginning of a big attachment, goes on later, and loses his connection in the
-- middle: what has come is not fetched again.
local s = scenario {
  title = { en = "Part of a part", zh = "部分中的一段" },
  about = {
    en = "An attachment is fetched in pieces: its beginning first, the rest after a pause and a broken connection. No octet comes twice.",
    zh = "附件分段取：先取开头，停一下再取其余，中间连接还断了一次。没有一个字节取两遍。",
  },
  seed = 44,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "mail.hamburger.edu", domains = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "secret" } }
hamburger:imap_server {}
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local bob = s:host { name = "bob-pc", on = net, address = "198.51.100.102", bandwidth = 128000 }
bob:imap_client { server = "198.51.100.25", user = "bob", password = "secret", piece = 1024, patience = "10s" }

local function pieces(trace) return trace:facts { name = "imap.part_read", host = bob } end

s:script(function()
  hamburger:boot { quiet = true } alice:boot { quiet = true }
  s:wait("1s")
  alice:mail {
    from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "The plan", text = "See the attachment.\n",
    attachments = { { type = "text/csv", name = "plan.csv", text = ("eight,ketchup,pickles\n"):rep(400) } },
  }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 1 end, "1m")
  bob:boot { quiet = true }
  s:wait_until(function(trace) return #trace:facts { name = "imap.synchronized", host = bob } == 1 end, "10s")
  s:wait("1s")

  s:phase { en = "The beginning", zh = "开头" }
  s:beat {
    en = "Only the first 1024 octets of part 2: BODY.PEEK[2]<0.1024>. PEEK: reading does not mark the letter as seen.",
    zh = "只要第 2 部分的前 1024 字节：BODY.PEEK[2]<0.1024>。PEEK：这样读不会打上已读标记。",
  }
  bob:mail_part(1, "2", { octets = 1024 })
  s:wait_until(function(trace) return #pieces(trace) == 1 end, "10s")
  s:expect("the answer names where it begins: BODY[2]<0>", function(trace)
    for _, m in ipairs(trace:messages { proto = "imap", received_by = bob, name = "FETCH" }) do
      if m.text:find("BODY[2]<0> {1024}", 1, true) then return true end
    end
    return false
  end)
  s:expect("the letter is still unread", function(trace)
    local facts = trace:facts { name = "mailbox.changed", host = hamburger }
    return facts[#facts].fields.unseen == 1
  end)
  s:wait("3s")

  s:phase { en = "The rest, and a broken cable", zh = "其余部分，网线断了" }
  s:beat {
    en = "Now the rest, 1024 octets at a time. In the middle of it the cable is pulled.",
    zh = "现在取其余部分，每次 1024 字节。取到一半，网线被拔掉。",
  }
  bob:mail_part(1, "2")
  s:wait_until(function(trace) return #pieces(trace) == 5 end, "30s")
  s:wait("30ms")
  bob:unplug()
  s:wait("20s")
  s:expect("the session broke off", function(trace) return #trace:facts { name = "imap.failed", host = bob } >= 1 end)
  s:beat {
    en = "The cable is back. The reader connects again after 10 s, compares UIDVALIDITY, and goes on where it was.",
    zh = "网线插回。阅读器 10 秒后重新连接，比较 UIDVALIDITY，从断处继续。",
  }
  bob:plug()
  s:wait_until(function(trace) return #trace:facts { name = "imap.part_whole", host = bob } == 2 end, "2m")
  s:wait("2s")
  s:expect("it came whole, and no octet twice", function(trace)
    local next_from, size = 0, trace:facts { name = "imap.part_whole", host = bob }[2].fields.octets
    for _, fact in ipairs(pieces(trace)) do
      if fact.fields.from ~= next_from then return false, "from " .. fact.fields.from .. ", expected " .. next_from end
      next_from = next_from + fact.fields.octets
    end
    return next_from == size and size > 8000, next_from .. " of " .. size
  end)
  s:expect("after the break it was connected again, and headers were not fetched again", function(trace)
    return #trace:facts { name = "imap.reconnected", host = bob } == 1 and #trace:facts { name = "imap.header", host = bob } == 1
  end)
end)
