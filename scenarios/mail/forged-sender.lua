-- A forged sender (rows M6, M26): SMTP believes what it is told. Then a check in the style of SPF: a domain publishes, as a TXT record, which
-- hosts may send in its name; the server that asks is a small program in this file.
local s = scenario {
  title = { en = "A letter from the president?", zh = "总统来信？" },
  about = {
    en = "Mallory writes whatever he likes into MAIL FROM and From. A server that asks the domain's DNS record sees through it.",
    zh = "Mallory 在 MAIL FROM 和 From 里随便写。会查询该域 DNS 记录的服务器能识破他。",
  },
  seed = 26,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["whitehouse.gov"] = { records = { { "@", "TXT", "v=spf1 ip4:198.51.100.16 -all" }, { "mail", "A", "198.51.100.16" } } },
} }
local mallory = s:host { name = "mallory", on = net, address = "198.51.100.66" }
local real = s:host { name = "whitehouse", on = net, address = "198.51.100.16" }
local trusting = s:host { name = "trusting", on = net, address = "198.51.100.25" }
trusting:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }
local wary = s:host { name = "wary", on = net, address = "198.51.100.26", dns = "198.51.100.53" }

-- ---- The wary server: a few lines of SMTP, and one question to DNS ------------------------------------------------
-- May this address send in the name of the domain? Its TXT record lists those that may.
local function may_send(domain, address)
  local before = s.now
  wary:lookup(domain, { type = "TXT" })
  s:wait_until(function(trace)
    return #trace:facts { name = "dns.answered", host = wary, since = before } > 0
      or #trace:facts { name = "dns.failed", host = wary, since = before } > 0
  end, "10s")
  local answered = s.trace:facts { name = "dns.answered", host = wary, since = before }
  if #answered == 0 then return true end -- the domain says nothing about it
  return answered[1].fields.data:find("ip4:" .. address .. " ", 1, true) ~= nil
end

wary:tcp(25, function(client)
  client:send("220 hamburger.edu, and wary\r\n")
  while client:wait("1m") do
    local line = client:read()
    if not line then break end
    local verb = line.text:sub(1, 4):upper()
    if verb == "QUIT" then
      client:send("221 hamburger.edu closing connection\r\n")
      client:close()
      break
    elseif verb == "MAIL" then
      local domain = line.text:match("@([%w%.%-]+)>")
      local heard = s.trace:messages { proto = "smtp", name = "MAIL", received_by = wary }
      local address = heard[#heard].src -- whose connection it is
      if domain and not may_send(domain, address) then
        client:send("550 5.7.23 " .. domain .. " does not send from your address\r\n")
      else
        client:send("250 Sender ok\r\n")
      end
    else
      client:send("250 OK\r\n")
    end
  end
end)

-- Types a line; the reply is returned.
local function enter(line, text)
  line:say(text)
  return line:read()
end

s:script(function()
  for _, host in ipairs { dns, mallory, real, trusting, wary } do host:boot { quiet = true } end
  s:wait("1s")

  s:phase { en = "Forged", zh = "伪造" }
  s:beat {
    en = "Mallory connects to Bob's server and says he is whitehouse.gov. Nobody asks for a passport.",
    zh = "Mallory 连接 Bob 的服务器，自称 whitehouse.gov。没有人查证件。",
  }
  local line = mallory:connect { to = trusting, port = 25 }
  line:wait()
  line:read()
  enter(line, "HELO whitehouse.gov")
  s:beat { en = "The envelope is forged: MAIL FROM…", zh = "信封是伪造的：MAIL FROM……" }
  local mail = enter(line, "MAIL FROM:<president@whitehouse.gov>")
  s:expect("the forged envelope is taken", mail ~= nil and mail.name == "250")
  enter(line, "RCPT TO:<bob@hamburger.edu>")
  enter(line, "DATA")
  s:beat { en = "…and so is the header: From. Whatever is written here, the reader will see.", zh = "……首部的 From 也是伪造的。这里写什么，读信人就看到什么。" }
  line:send("From: The President <president@whitehouse.gov>\r\nTo: bob@hamburger.edu\r\nSubject: You are invited\r\n\r\n")
  line:send("Bring your bank card.\r\n")
  local done = enter(line, ".")
  s:expect("the forged letter is accepted", done ~= nil and done.name == "250")
  s:beat {
    en = "It lies in Bob's mailbox. The one honest line is the server's own: Received, with the address it came from.",
    zh = "它进了 Bob 的邮箱。唯一诚实的是服务器自己写的 Received 行：真实的来源地址。",
  }
  enter(line, "QUIT")
  line:close()
  s:expect("Bob has a letter from the president, sent by Mallory's host", function(trace)
    local delivered = trace:facts { name = "mail.delivered", host = trusting }
    local content = trace:messages { proto = "smtp", name = "mail", received_by = trusting }
    return #delivered == 1 and delivered[1].fields.from == "president@whitehouse.gov" and content[1].src == "198.51.100.66"
  end)
  s:wait("2s")

  s:phase { en = "Asked back", zh = "查证" }
  s:beat {
    en = "Another server, more wary: at MAIL FROM it asks DNS which hosts may send for whitehouse.gov (SPF, RFC 7208, in short).",
    zh = "另一台服务器更谨慎：收到 MAIL FROM 就查 DNS，看哪些主机可以代表 whitehouse.gov 发信（SPF，RFC 7208，从简）。",
  }
  line = mallory:connect { to = wary, port = 25 }
  line:wait()
  line:read()
  enter(line, "HELO whitehouse.gov")
  mail = enter(line, "MAIL FROM:<president@whitehouse.gov>")
  s:expect("Mallory is refused", mail ~= nil and mail.name == "550")
  s:beat { en = "550: Mallory's address is not on the list.", zh = "550：Mallory 的地址不在名单上。" }
  enter(line, "QUIT")
  line:close()
  s:wait("2s")
  s:beat { en = "And the real one? The same words from the right address.", zh = "真的呢？同样的话，来自正确的地址。" }
  line = real:connect { to = wary, port = 25 }
  line:wait()
  line:read()
  enter(line, "HELO whitehouse.gov")
  mail = enter(line, "MAIL FROM:<president@whitehouse.gov>")
  s:expect("the domain's own host is taken", mail ~= nil and mail.name == "250")
  enter(line, "QUIT")
  line:close()
  s:wait("2s")
  s:expect("DNS was asked about whitehouse.gov by the wary server alone", function(trace)
    local asked = trace:messages { proto = "dns", name = "query TXT", received_by = dns }
    return #asked == 1 and asked[1].src == "198.51.100.26"
  end)
  s:say {
    en = "SPF checks the envelope only. The From that the reader sees needs more: DKIM and DMARC.",
    zh = "SPF 只检查信封。读信人看到的 From 还需要 DKIM 和 DMARC。",
  }
end)
