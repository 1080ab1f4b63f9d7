-- A mail loop (rows M3, M26): two servers, each told to send the mail on to the other. Received lines are counted, and it ends.
local s = scenario {
  title = { en = "Round and round", zh = "兜圈子的信" },
  about = {
    en = "Alice has her mail forwarded to Bob's server, and Bob his to Alice's. Each Received line is a hop; too many are a loop.",
    zh = "Alice 的信转到 Bob 那里，Bob 的信又转回 Alice。每经过一站加一行 Received，太多就是环路。",
  },
  seed = 264,
}

local hops = s:setting { name = "hops", default = 8, en = "Received lines that a server accepts (RFC 5321: at least 100)", zh = "服务器允许的 Received 行数（RFC 5321：至少 100）" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["crepes.fr"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.10" } } },
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
  ["noodles.cn"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.86" } } },
} }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "crepes.fr", mailboxes = {}, moved = { alice = "bob@hamburger.edu" }, hops_limit = hops }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25", dns = "198.51.100.53" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = {}, moved = { bob = "alice@crepes.fr" }, hops_limit = hops }
local noodles = s:host { name = "noodles", on = net, address = "198.51.100.86", dns = "198.51.100.53" }
noodles:mail_server { name = "noodles.cn", mailboxes = { "chen" } }

s:script(function()
  for _, host in ipairs { dns, crepes, hamburger, noodles } do host:boot { quiet = true } end
  s:wait("1s")
  s:phase { en = "Round and round", zh = "兜圈子" }
  s:beat {
    en = "Chen writes to Alice. Alice's server: 251, will forward to bob@hamburger.edu.",
    zh = "陈写信给 Alice。Alice 的服务器：251，将转发给 bob@hamburger.edu。",
  }
  noodles:mail { from = "chen@noodles.cn", to = "alice@crepes.fr", subject = "Noodles", text = "Come and eat.\n" }
  s:wait_message { proto = "smtp", name = "251", received_by = noodles, within = "1m" }
  s:beat {
    en = "Bob's server: 251, will forward to alice@crepes.fr. And so on. Each server writes a Received line on top.",
    zh = "Bob 的服务器：251，将转发给 alice@crepes.fr。如此往复。每台服务器在最前面加一行 Received。",
  }
  s:wait_message { proto = "smtp", name = "554", within = "10m" }
  s:phase { en = "Enough", zh = "到此为止" }
  s:beat {
    en = "Too many Received lines: 554, the mail loops. Chen gets a report.",
    zh = "Received 行太多：554，邮件成环。陈会收到一份报告。",
  }
  s:wait("1m")
  s:expect("each round the letter has one more Received line, up to the limit", function(trace)
    local seen = 0
    for _, m in ipairs(trace:messages { proto = "smtp", name = "mail" }) do
      if m.text:find("Subject: Noodles", 1, true) and not m.text:find("multipart/report", 1, true) then
        local _, lines = ("\n" .. m.text):gsub("\nReceived:", "")
        if lines ~= seen then return false, lines .. " lines, not " .. seen end
        seen = seen + 1
      end
    end
    return seen == hops + 1, seen .. " journeys"
  end)
  s:expect("one report, in Chen's mailbox", function(trace)
    local delivered = trace:facts { name = "mail.delivered" }
    local told = trace:facts { name = "mail.reported" }
    return #delivered == 1 and delivered[1].host == "noodles" and delivered[1].fields.mailbox == "chen" and #told == 1
  end)
  s:expect("no queue holds it any more", function(trace)
    return #trace:facts { name = "mail.queued" } == #trace:facts { name = "mail.dequeued" }
  end)
end)
