-- From a name to a mailbox (rows M7, M10): before any mail can go to bob@hamburger.edu, somebody must find out which host takes it.
local s = scenario {
  title = { en = "From a name to a mailbox", zh = "从域名到邮箱" },
  about = {
    en = "A mail server asks who takes mail for hamburger.edu. Its resolver walks from the root to edu to hamburger.edu, and remembers the answer.",
    zh = "邮件服务器要知道谁接收 hamburger.edu 的邮件。它的解析器从根走到 edu，再到 hamburger.edu，并记住答案。",
  },
  seed = 5,
}

local campus = s:lan { name = "campus", prefix = "192.0.2.0/24", latency = "1ms" }
local world = s:lan { name = "world", prefix = "203.0.113.0/24", latency = "10ms" }
local gw = s:router { name = "gw", interfaces = {
  { on = campus, address = "192.0.2.1" },
  { on = world, address = "203.0.113.1" },
} }
local crepes = s:host { name = "crepes", on = campus, address = "192.0.2.25", router = "192.0.2.1", dns = "192.0.2.53" }
local resolver = s:host { name = "resolver", on = campus, address = "192.0.2.53", router = "192.0.2.1" }
local root = s:host { name = "root", on = world, address = "203.0.113.4", router = "203.0.113.1" }
local edu = s:host { name = "edu", on = world, address = "203.0.113.5", router = "203.0.113.1" }
local ns = s:host { name = "ns", on = world, address = "203.0.113.53", router = "203.0.113.1" }

resolver:dns_resolver { roots = "203.0.113.4" }
root:dns_server { zones = { ["."] = { ttl = "2d", records = {
  { "edu", "NS", "ns.edu" },
  { "ns.edu", "A", "203.0.113.5" },
} } } }
edu:dns_server { zones = { ["edu"] = { ttl = "1d", records = {
  { "hamburger", "NS", "ns.hamburger.edu" },
  { "ns.hamburger", "A", "203.0.113.53" },
} } } }
ns:dns_server { zones = { ["hamburger.edu"] = { ns = "ns", ttl = "10m", records = {
  { "ns", "A", "203.0.113.53" },
  { "@", "MX", 10, "mail" },
  { "@", "MX", 20, "backup" },
  { "mail", "A", "203.0.113.25" },
  { "backup", "A", "203.0.113.26" },
} } } }

-- What the resolver has asked since then: the hosts, in order.
local function walk(trace, since)
  local names = { ["203.0.113.4"] = "root", ["203.0.113.5"] = "edu", ["203.0.113.53"] = "ns" }
  local hosts = {}
  for _, m in ipairs(trace:messages { proto = "dns", from = resolver, since = since }) do
    if names[m.dst] then hosts[#hosts + 1] = names[m.dst] end
  end
  return table.concat(hosts, " ")
end

local function expect_walk(what, since, expected)
  s:expect(what, function(trace)
    local hosts = walk(trace, since)
    return hosts == expected, hosts
  end)
end

s:script(function()
  for _, host in ipairs { gw, crepes, resolver, root, edu, ns } do host:boot { quiet = true } end
  s:wait("1s")

  s:phase { en = "The walk", zh = "逐级查询" }
  s:beat {
    en = "Alice's server has a letter for bob@hamburger.edu. Which host takes mail for hamburger.edu? It asks its resolver for the MX record.",
    zh = "Alice 的服务器有一封给 bob@hamburger.edu 的信。哪台主机接收 hamburger.edu 的邮件？它向解析器查询 MX 记录。",
  }
  local before = s.now
  crepes:lookup("hamburger.edu", { type = "MX" })
  s:wait_message { proto = "dns", name = "query MX", received_by = resolver, within = "5s" }
  s:beat {
    en = "The resolver knows nothing yet but where the root is. The root does not know hamburger.edu either, but it knows who answers for edu.",
    zh = "解析器起初只知道根服务器在哪里。根也不知道 hamburger.edu，但知道 edu 归谁管。",
  }
  s:wait_message { proto = "dns", name = "referral", received_by = resolver, within = "5s" }
  s:beat {
    en = "A referral: the name of edu's server, and its address (glue). The resolver asks there, and is sent one step further down.",
    zh = "转介：edu 的域名服务器的名字，以及它的地址（粘合记录）。解析器再去问它，又被指向下一级。",
  }
  s:wait_message { proto = "dns", name = "referral", received_by = resolver, within = "5s" }
  s:beat {
    en = "hamburger.edu's own server has authority: two hosts take its mail, mail first (10), backup if need be (20).",
    zh = "hamburger.edu 自己的服务器有权威：两台主机接收邮件，先试 mail（10），不行再试 backup（20）。",
  }
  s:wait_message { proto = "dns", name = "response", received_by = crepes, within = "5s" }
  s:wait("1s")
  expect_walk("the resolver asks the root, then edu, then hamburger.edu", before, "root edu ns")
  s:expect("both exchangers arrive, with their preferences", function(trace)
    local answered = trace:facts { name = "dns.answered", host = crepes, since = before }
    return #answered == 1 and answered[1].fields.data == "10 mail.hamburger.edu, 20 backup.hamburger.edu"
  end)

  s:phase { en = "The address", zh = "再查地址" }
  s:beat {
    en = "A name is no address yet. What is mail.hamburger.edu's? The resolver remembers hamburger.edu's server, and asks it straight away.",
    zh = "有了名字还要地址：mail.hamburger.edu 的地址是什么？解析器记得 hamburger.edu 的服务器，直接问它。",
  }
  before = s.now
  crepes:lookup("mail.hamburger.edu")
  s:wait("2s")
  expect_walk("for the address only hamburger.edu's server is asked", before, "ns")
  s:expect("the letter can go to 203.0.113.25 now", function(trace)
    local found = trace:facts { name = "dns.resolved", host = crepes, since = before }
    return #found == 1 and found[1].fields.address == "203.0.113.25"
  end)

  s:phase { en = "Remembered", zh = "缓存" }
  s:beat {
    en = "The server restarts and asks for the same MX again. The resolver has it in its cache: no walk, and the TTL counts down.",
    zh = "邮件服务器重启后又查同一个 MX。解析器的缓存里有：不必再走一遍，TTL 在递减。",
  }
  crepes:crash()
  crepes:boot { quiet = true }
  before = s.now
  crepes:lookup("hamburger.edu", { type = "MX" })
  s:wait("2s")
  expect_walk("the second time nobody but the resolver is asked", before, "")
  s:expect("what is left of the TTL is less than ten minutes", function(trace)
    local answered = trace:facts { name = "dns.answered", host = crepes, since = before }
    return #answered == 1 and answered[1].fields.ttl < 600 and answered[1].fields.ttl > 500
  end)

  s:phase { en = "No such name", zh = "没有这个域名" }
  s:beat {
    en = "A slip of the pen: hamburgr.edu. That it does not exist is an answer too, and is remembered for five minutes.",
    zh = "写错了：hamburgr.edu。“不存在”也是一种答案，可以记住五分钟。",
  }
  before = s.now
  crepes:lookup("hamburgr.edu", { type = "MX" })
  s:wait("2s")
  crepes:crash()
  crepes:boot { quiet = true }
  crepes:lookup("hamburgr.edu", { type = "MX" })
  s:wait("2s")
  expect_walk("edu's server is asked once for the two questions", before, "edu")
  s:expect("both times there is no such name", function(trace)
    local failed = trace:facts { name = "dns.failed", host = crepes, since = before }
    return #failed == 2 and failed[1].fields.reason == "dns.name_error" and failed[2].fields.reason == "dns.name_error"
  end)

  s:phase { en = "Forgotten", zh = "过期" }
  s:beat {
    en = "Ten minutes later the MX has expired. The servers are still known: one question to hamburger.edu's is enough.",
    zh = "十分钟后，MX 过期了。但服务器还记得：只需问 hamburger.edu 的服务器一次。",
  }
  s:wait("10m")
  before = s.now
  crepes:lookup("hamburger.edu", { type = "MX" })
  s:wait("2s")
  expect_walk("after ten minutes hamburger.edu's server is asked again, and only that", before, "ns")
end)
