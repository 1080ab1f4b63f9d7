-- Envelope and content (rows M6, M14): the mail system takes the envelope from the header that the user wrote; after that, only the
-- envelope counts.
local s = scenario {
  title = { en = "Envelope and header", zh = "信封与首部" },
  about = {
    en = "MAIL FROM and RCPT TO are the envelope; From, To and Cc belong to the letter. The post reads the envelope only.",
    zh = "MAIL FROM 和 RCPT TO 是信封；From、To、Cc 属于信的内容。邮局只看信封。",
  },
  seed = 6,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob", "carol", "dave" } }

-- What the envelope of the latest letter says, and the letter itself.
local function envelope(trace, since)
  local from, to = nil, {}
  for _, m in ipairs(trace:messages { proto = "smtp", from = alice, since = since }) do
    if m.name == "MAIL" then from = m.text:match("<(.-)>") end
    if m.name == "RCPT" then to[#to + 1] = m.text:match("<(.-)>") end
  end
  return from, table.concat(to, " ")
end
local function letter(trace, since)
  local letters = trace:messages { proto = "smtp", name = "mail", received_by = hamburger, since = since }
  return letters[#letters].text
end
local function arrived(trace, since)
  local boxes = {}
  for _, fact in ipairs(trace:facts { name = "mail.delivered", host = hamburger, since = since }) do boxes[#boxes + 1] = fact.fields.mailbox end
  return table.concat(boxes, " ")
end

s:script(function()
  alice:boot { quiet = true } hamburger:boot { quiet = true }
  s:wait("1s")

  s:phase { en = "Taken from the header", zh = "信封取自首部" }
  s:beat {
    en = "Alice writes From, To, Cc, Subject, Reply-To. Her user agent reads them, and fills in the envelope.",
    zh = "Alice 写好首部：From、To、Cc、Subject、Reply-To。用户代理据此填写信封。",
  }
  local before = s.now
  alice:mail {
    from = "Alice <alice@crepes.fr>",
    to = "Bob <bob@hamburger.edu>",
    cc = "Carol <carol@hamburger.edu>",
    reply_to = "kitchen@crepes.fr",
    subject = "Menu",
    text = "Pancakes today.\n",
  }
  s:wait_message { proto = "smtp", name = "RCPT", from = alice, within = "10s" }
  s:beat { en = "To and Cc have become RCPT TO, one for each recipient.", zh = "To 和 Cc 都成了 RCPT TO，每个收件人一条。" }
  s:wait_message { proto = "smtp", name = "354", received_by = alice, within = "10s" }
  s:beat {
    en = "Now the letter: header, empty line, body. The server does not read the To field here; it has its orders.",
    zh = "然后是内容：首部、空行、主体。服务器不看这里的 To，它已有信封。",
  }
  s:wait("3s")
  s:expect("the envelope says what the header says", function(trace)
    local from, to = envelope(trace, before)
    return from == "alice@crepes.fr" and to == "bob@hamburger.edu carol@hamburger.edu", to
  end)
  s:expect("the header travels as content, with all that Alice wrote", function(trace)
    local text = letter(trace, before)
    for _, field in ipairs { "From: Alice <alice@crepes.fr>", "To: Bob <bob@hamburger.edu>", "Cc: Carol <carol@hamburger.edu>",
      "Reply-To: kitchen@crepes.fr", "Subject: Menu", "Date: " } do
      if not text:find("\r\n" .. field, 1, true) and text:sub(1, #field) ~= field then return false, "lacks " .. field end
    end
    return text:find("\r\n\r\nPancakes today.\r\n", 1, true) ~= nil
  end)
  s:expect("one letter, two mailboxes", function(trace)
    local boxes = arrived(trace, before)
    return boxes == "bob carol", boxes
  end)

  s:phase { en = "They may differ", zh = "两者可以不同" }
  s:beat {
    en = "The same letter in another envelope: it still says To: Bob inside, but the envelope is addressed to Dave.",
    zh = "同一封信换一个信封：里面仍写着 To: Bob，信封上却写给 Dave。",
  }
  before = s.now
  alice:mail {
    from = "Alice <alice@crepes.fr>", to = "Bob <bob@hamburger.edu>", subject = "Menu", text = "Pancakes today.\n",
    envelope = { from = "alice@crepes.fr", to = "dave@hamburger.edu" },
  }
  s:wait("3s")
  s:beat {
    en = "It lies in Dave's mailbox. Mailing lists and Bcc rest on this; so do forgers.",
    zh = "信进了 Dave 的邮箱。邮件列表和密送靠的就是这一点；伪造者也是。",
  }
  s:expect("the envelope decides who gets it", function(trace)
    local _, to = envelope(trace, before)
    local boxes = arrived(trace, before)
    return to == "dave@hamburger.edu" and boxes == "dave", boxes
  end)
  s:expect("and Dave is named nowhere in the letter", function(trace)
    local text = letter(trace, before)
    return text:find("To: Bob <bob@hamburger.edu>", 1, true) ~= nil and text:lower():find("dave") == nil
  end)
end)
