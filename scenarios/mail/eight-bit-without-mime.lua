-- Eight bits without MIME (row M19): SMTP carries seven. A letter with octets above 127 is damaged, refused, or carried by an extension.
local s = scenario {
  title = { en = "The eighth bit", zh = "第八位" },
  about = {
    en = "你好, sent as it is. An old relay strips the eighth bit; a strict server refuses; with 8BITMIME it passes.",
    zh = "把“你好”原样发出去。老的中继削掉最高位；严格的服务器拒绝；有 8BITMIME 就能通过。",
  },
  seed = 191,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local pc = s:host { name = "terminal", on = net, address = "198.51.100.77" }
local relay = s:host { name = "old-relay", on = net, address = "198.51.100.82" }
relay:mail_server { name = "relay.crepes.fr", eight_bit = "strip", trusted = "198.51.100.77", relay_to = "198.51.100.25" }
local strict = s:host { name = "strict", on = net, address = "198.51.100.26" }
strict:mail_server { name = "strict.edu", mailboxes = { "bob" }, eight_bit = "refuse" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }

local letter = "Subject: greetings\r\n\r\n你好，Bob！\r\n"

-- Hands the letter over by hand; the last reply is returned.
local function hand_over(to, domain, hello, parameter)
  local line = pc:connect { to = to, port = 25 }
  line:wait()
  line:read()
  for _, command in ipairs { hello .. " student.example", "MAIL FROM:<alice@crepes.fr>" .. parameter, "RCPT TO:<bob@" .. domain .. ">", "DATA" } do
    line:say(command)
    line:read()
  end
  line:send(letter)
  line:say(".")
  local reply = line:read()
  line:say("QUIT")
  line:read()
  line:close()
  s:wait("5s")
  return reply
end
local function letters_at(trace, host, since)
  return trace:messages { proto = "smtp", name = "mail", received_by = host, since = since }
end

s:script(function()
  for _, host in ipairs { pc, relay, strict, hamburger } do host:boot { quiet = true } end
  s:wait("1s")
  s:phase { en = "Stripped", zh = "削去一位" }
  s:beat {
    en = "In UTF-8, 你 is three octets: E4 BD A0. All are above 127. An old relay knows seven bits: it clears the eighth.",
    zh = "“你”的 UTF-8 编码是三个字节：E4 BD A0，都大于 127。老的中继只认 7 位：把最高位清零。",
  }
  local before = s.now
  local reply = hand_over(relay, "hamburger.edu", "HELO", "")
  s:expect("nobody complains: 250", reply ~= nil and reply.name == "250")
  s:beat {
    en = "Bob gets d= eC<o<... : each octet less 128. The letter is damaged, and nobody knows.",
    zh = "Bob 收到的是 d= 之类的乱码：每个字节少了 128。信损坏了，却没有人知道。",
  }
  s:expect("what reaches Bob is each octet without its eighth bit", function(trace)
    local got = letters_at(trace, hamburger, before)
    local damaged = letter:gsub(".", function(c) return string.char(c:byte() % 128) end)
    local body = damaged:match("\r\n\r\n(.*)")
    return #got == 1 and got[1].text:sub(-#body) == body and not got[1].text:find("你", 1, true)
  end)

  s:phase { en = "Refused", zh = "拒绝" }
  s:beat { en = "A strict server does not damage it: 554, and the sender knows.", zh = "严格的服务器不去损坏它：554，发件人会知道。" }
  reply = hand_over(strict, "strict.edu", "HELO", "")
  s:expect("the strict server answers 554", reply ~= nil and reply.name == "554")

  s:phase { en = "Announced", zh = "事先声明" }
  s:beat {
    en = "8BITMIME (RFC 6152): EHLO offers it, MAIL FROM says BODY=8BITMIME, and all eight bits pass.",
    zh = "8BITMIME（RFC 6152）：EHLO 提供，MAIL FROM 声明 BODY=8BITMIME，八位全部通过。",
  }
  before = s.now
  reply = hand_over(strict, "strict.edu", "EHLO", " BODY=8BITMIME")
  s:expect("the same server takes it now", reply ~= nil and reply.name == "250")
  s:expect("and it arrives octet for octet", function(trace)
    local got = letters_at(trace, strict, before)
    return #got == 1 and got[1].text == letter
  end)
  s:say {
    en = "But which characters are these octets? Only MIME can say; and MIME needs no eighth bit at all.",
    zh = "但这些字节是什么字符？只有 MIME 能说明；而 MIME 根本不需要第八位。",
  }
end)
