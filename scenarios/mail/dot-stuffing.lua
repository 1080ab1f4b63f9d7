-- Dot-stuffing (row M11): a line with a single dot ends the letter. So what if the letter has such a line?
local s = scenario {
  title = { en = "A dot on a line by itself", zh = "单独一行的点" },
  about = {
    en = "The sender puts one more dot in front of each line that begins with a dot; the receiver takes it away again.",
    zh = "发送方在每个以点开头的行前再加一个点；接收方再去掉它。",
  },
  seed = 111,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25", pipelining = false }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }
local careless = s:host { name = "careless", on = net, address = "198.51.100.66" }

local letter = "Subject: dots\r\n\r\nfirst\r\n.\r\n..\r\n.hidden file\r\nlast. \r\n"

-- The octets that a host sent over TCP, in order: the segments' data, from hexadecimal.
local function octets_sent(trace, host, since)
  local parts = {}
  for _, m in ipairs(trace:messages { proto = "tcp", from = host, since = since }) do
    if m.fields.data then
      parts[#parts + 1] = m.fields.data:gsub("(%x%x):?", function(digits) return string.char(tonumber(digits, 16)) end)
    end
  end
  return table.concat(parts)
end

s:script(function()
  alice:boot { quiet = true } hamburger:boot { quiet = true } careless:boot { quiet = true }
  s:wait("1s")

  s:phase { en = "Stuffed", zh = "点填充" }
  s:beat {
    en = "Alice's letter has lines that begin with a dot; one of them is nothing but a dot.",
    zh = "Alice 的信里有以点开头的行，其中一行只有一个点。",
  }
  alice:mail { raw = letter, envelope = { from = "alice@crepes.fr", to = "bob@hamburger.edu" } }
  s:wait_message { proto = "smtp", name = "354", received_by = alice, within = "10s" }
  s:beat {
    en = "On the wire each of them has one dot more. The end is a line with exactly one dot: CRLF . CRLF.",
    zh = "在线路上，这些行都多一个点。结束标志是恰好只有一个点的一行：CRLF . CRLF。",
  }
  s:wait("3s")
  s:expect("on the wire the dots are doubled", function(trace)
    return octets_sent(trace, alice):find("first\r\n..\r\n...\r\n..hidden file\r\nlast. \r\n.\r\n", 1, true) ~= nil
  end)
  s:expect("the letter that arrives is the letter that was written, dot for dot", function(trace)
    local got = trace:messages { proto = "smtp", name = "mail", received_by = hamburger }
    return #got == 1 and got[1].text == letter, #got
  end)

  s:phase { en = "Forgotten", zh = "忘了填充" }
  s:beat {
    en = "A careless program sends the same letter as it is. After the second line the server thinks that is all…",
    zh = "一个粗心的程序原样发送同一封信。第二行之后，服务器以为信已结束……",
  }
  local line = careless:connect { to = hamburger, port = 25 }
  line:wait()
  line:read()
  for _, command in ipairs { "HELO careless.example", "MAIL FROM:<a@b.example>", "RCPT TO:<bob@hamburger.edu>", "DATA" } do
    line:say(command)
    line:read()
  end
  line:send(letter .. ".\r\n")
  s:wait("2s")
  s:beat {
    en = "…and reads the rest as commands: 500, 500, 500. The letter is cut, and nobody tells its sender.",
    zh = "……把其余各行当作命令：500、500、500。信被截断，发件人却不知道。",
  }
  line:close()
  s:wait("3s")
  s:expect("only the beginning arrives", function(trace)
    local got = trace:messages { proto = "smtp", name = "mail", received_by = hamburger }
    return #got == 2 and got[2].text == "Subject: dots\r\n\r\nfirst\r\n"
  end)
  s:expect("the rest is answered as nonsense, line by line", function(trace)
    return #trace:messages { proto = "smtp", name = "500", from = hamburger } == 4
  end)
end)
