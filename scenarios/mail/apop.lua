-- APOP (row M20; RFC 1939 section 7): to prove that one knows the password without showing it. Who listens in gets nothing that could be
-- used again.
local s = scenario {
  title = { en = "A password that is not sent", zh = "不传送的口令" },
  about = {
    en = "Mallory listens in. With USER and PASS she has Bob's password; with APOP she has a digest that is good only once.",
    zh = "Mallory 在窃听。用 USER 和 PASS，她得到 Bob 的口令；用 APOP，她只得到一个用一次就作废的摘要。",
  },
  seed = 204,
}

local password = s:setting { name = "password", default = "hungry", en = "Bob's password", zh = "Bob 的口令" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" }, users = { bob = password } }
hamburger:pop3_server {}
local plain = s:host { name = "old-pc", on = net, address = "198.51.100.102" }
plain:pop3_client { server = "198.51.100.25", user = "bob", password = password, apop = false }
local proving = s:host { name = "new-pc", on = net, address = "198.51.100.103" }
proving:pop3_client { server = "198.51.100.25", user = "bob", password = password }
local mallory = s:host { name = "mallory", on = net, address = "198.51.100.66" }

-- What an eavesdropper at the cable sees: the octets of a host's segments.
local function octets_sent(trace, host)
  local parts = {}
  for _, m in ipairs(trace:messages { proto = "tcp", from = host }) do
    if m.fields.data then
      parts[#parts + 1] = m.fields.data:gsub("(%x%x):?", function(pair) return string.char(tonumber(pair, 16)) end)
    end
  end
  return table.concat(parts)
end
local function done(trace, host) return #trace:facts { name = "pop3.done", host = host } end

s:script(function()
  for _, host in ipairs { alice, hamburger, plain, proving, mallory } do host:boot { quiet = true } end
  s:wait("1s")
  alice:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Between us", text = "Keep it to yourself.\n" }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 1 end, "10s")
  s:wait("3s")

  s:phase { en = "USER and PASS", zh = "USER 和 PASS" }
  s:beat { en = "The old PC logs in by USER and PASS. Mallory sees the segments go by.", zh = "旧电脑用 USER 和 PASS 登录。报文段从 Mallory 眼前经过。" }
  plain:check_mail()
  s:wait_until(function(trace) return done(trace, plain) == 1 end, "1m")
  s:wait("3s")
  s:expect("the password is on the wire", function(trace) return octets_sent(trace, plain):find("PASS " .. password .. "\r\n", 1, true) ~= nil end)

  s:phase { en = "APOP", zh = "APOP" }
  s:beat {
    en = "The greeting has a timestamp, another one each time: <…@hamburger.edu>. The new PC computes MD5 of timestamp and password together.",
    zh = "问候里有一个时间戳，每次都不同：<…@hamburger.edu>。新电脑把时间戳和口令合在一起算 MD5。",
  }
  proving:check_mail()
  s:wait_message { proto = "pop3", name = "APOP", from = proving, within = "10s" }
  s:beat { en = "APOP bob and 32 digits: that is all it says. The server knows the password too, and computes the same.", zh = "APOP bob 加 32 位十六进制数：说的就这么多。服务器也知道口令，算出同样的结果。" }
  s:wait_until(function(trace) return done(trace, proving) == 1 end, "1m")
  s:wait("3s")
  s:expect("it is let in, and the password is nowhere on the wire", function(trace)
    local logins = trace:facts { name = "pop3.logged_in", host = hamburger }
    local said = octets_sent(trace, proving)
    return #logins == 2 and logins[2].fields.method == "pop3.apop" and said:find("APOP bob %x+\r\n") ~= nil and said:find(password, 1, true) == nil
  end)

  s:phase { en = "The same again", zh = "重放" }
  s:beat { en = "Mallory has written the digest down, and says it herself.", zh = "Mallory 抄下了摘要，自己拿去用。" }
  local stolen
  s:expect("she has the line", function(trace)
    stolen = octets_sent(trace, proving):match("APOP bob %x+")
    return stolen ~= nil
  end)
  local line = mallory:connect { to = hamburger, port = 110 }
  line:wait()
  line:read()
  line:say(stolen)
  local reply = line:read()
  s:expect("refused: the timestamp is another one now", function(trace)
    local refused = trace:facts { name = "pop3.login_refused", host = hamburger }
    return reply ~= nil and reply.name == "-ERR" and #refused == 1 and refused[1].fields.reason == "pop3.wrong_password"
  end)
  s:expect("no greeting is like another", function(trace)
    local seen = {}
    for _, m in ipairs(trace:messages { proto = "pop3", name = "+OK", from = hamburger }) do
      local stamp = m.text:match("<[^>]+>")
      if stamp and seen[stamp] then return false, stamp end
      if stamp then seen[stamp] = true end
    end
    return next(seen) ~= nil
  end)
  s:beat { en = "With the password that the old PC has shown, it is easy.", zh = "而用旧电脑泄露的口令，轻而易举。" }
  line:say("USER bob")
  line:read()
  line:say("PASS " .. password)
  local opened = line:read()
  s:expect("she is in", opened ~= nil and opened.name == "+OK")
  line:say("QUIT")
  s:wait("3s")
  line:close()
  s:beat {
    en = "APOP protects the password only: the letters still travel in the open. And MD5 is broken today; TLS does both.",
    zh = "APOP 只保护口令：信件仍以明文传送。而且 MD5 今天已不安全；TLS 两样都保护。",
  }
  s:expect("the letter was readable all the same", function(trace) return octets_sent(trace, hamburger):find("Keep it to yourself.", 1, true) ~= nil end)
end)
