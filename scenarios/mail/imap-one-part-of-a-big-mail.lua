-- One part of a big letter (row M21): BODYSTRUCTURE tells which parts there are, then only the text is fetched; the picture follows when the user
-- wants it, or never.
local s = scenario {
  title = { en = "One part of a big mail", zh = "只取大邮件的一部分" },
  about = {
    en = "A letter of two lines and a picture of 45 000 octets. The structure comes first, then the two lines; the picture waits at the server.",
    zh = "一封信：两行文字和一张 45 000 字节的图片。先取结构，再取两行文字；图片留在服务器上。",
  },
  seed = 22,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "mail.hamburger.edu", domains = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "secret" } }
hamburger:imap_server {}
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local bob = s:host { name = "bob-pc", on = net, address = "198.51.100.102", bandwidth = 256000 }
bob:imap_client { server = "198.51.100.25", user = "bob", password = "secret" }

local picture = ("GIF"):rep(15000)

local function received(trace, since)
  local octets = 0
  for _, m in ipairs(trace:messages { proto = "imap", received_by = bob, since = since }) do octets = octets + #m.text end
  return octets
end

s:script(function()
  hamburger:boot { quiet = true } alice:boot { quiet = true }
  s:wait("1s")
  alice:mail {
    from = "Alice <alice@crepes.fr>", to = "bob@hamburger.edu", subject = "Crêpes · 薄饼",
    text = "Here is the picture.\n晚上八点见？\n",
    attachments = { { type = "image/gif", name = "crepes.gif", text = picture } },
  }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 1 end, "1m")
  s:wait("2s")

  s:phase { en = "The header", zh = "首部" }
  bob:boot { quiet = true }
  s:wait_until(function(trace) return #trace:facts { name = "imap.synchronized", host = bob } == 1 end, "10s")
  s:beat {
    en = "Bob sees: a letter from Alice, more than 60 000 octets. Nothing but its envelope has come so far.",
    zh = "Bob 看到：Alice 的一封信，超过 60 000 字节。到现在只取了信封。",
  }
  s:wait("2s")

  s:phase { en = "The structure", zh = "结构" }
  s:beat {
    en = "He opens it. First question: what is in it? BODYSTRUCTURE: part 1 is text/plain, part 2 image/gif.",
    zh = "他打开这封信。先问：里面有什么？BODYSTRUCTURE：第 1 部分 text/plain，第 2 部分 image/gif。",
  }
  local opened_at = s.now
  bob:mail_open(1)
  s:wait_message { proto = "imap", name = "FETCH", received_by = bob, within = "10s" }

  s:phase { en = "The text", zh = "文本" }
  s:beat {
    en = "BODY.PEEK[1]: the text alone, as MIME has encoded it. The reader decodes base64 and UTF-8 itself.",
    zh = "BODY.PEEK[1]：只取文本，仍是 MIME 编码后的样子。base64 和 UTF-8 由阅读器自己解码。",
  }
  s:wait_until(function(trace) return #trace:facts { name = "imap.opened", host = bob } == 1 end, "10s")
  local text_octets = received(s.trace, opened_at)
  s:expect("Bob reads two lines", function(trace)
    local fact = trace:facts { name = "imap.opened", host = bob }[1].fields
    return fact.text == "Here is the picture.\r\n晚上八点见？\r\n" and fact.part == "1" and fact.subject == "Crêpes · 薄饼", fact.text
  end)
  s:wait("2s")
  s:expect("less than 2000 octets have come for it", text_octets < 2000, text_octets .. " octets")

  s:phase { en = "The picture, later", zh = "图片，以后再取" }
  s:beat {
    en = "Only now Bob clicks on the picture: BODY.PEEK[2], piece by piece, so that he can stop.",
    zh = "现在 Bob 才点图片：BODY.PEEK[2]，一块一块地取，随时可以停。",
  }
  local clicked_at = s.now
  bob:mail_part(1, "2")
  s:wait_until(function(trace) return #trace:facts { name = "imap.part_whole", host = bob } == 1 end, "2m")
  s:wait("2s")
  s:expect("the picture has come whole", function(trace)
    local fact = trace:facts { name = "imap.part_whole", host = bob }
    return #fact == 1 and fact[1].fields.name == "crepes.gif" and fact[1].fields.octets > 60000
  end)
  local picture_octets = received(s.trace, clicked_at)
  s:say {
    en = ("The text cost %d octets, the picture %d. Without structure and parts, every letter is fetched whole."):format(text_octets, picture_octets),
    zh = ("文本用了 %d 字节，图片用了 %d 字节。若没有结构和部分，每封信都只能整封取。"):format(text_octets, picture_octets),
  }
  local before = s.trace:messages { proto = "imap", from = bob }
  bob:mail_open(1)
  s:wait("2s")
  s:expect("what has been read is not fetched again", #s.trace:messages { proto = "imap", from = bob } == #before)
end)
