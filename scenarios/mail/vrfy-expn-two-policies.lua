-- VRFY and EXPN (row M13): two policies. One server tells all it knows, the other nothing; a harvester asks both.
local s = scenario {
  title = { en = "Who lives here?", zh = "这里住着谁？" },
  about = {
    en = "VRFY and EXPN were made to help. Whoever collects addresses for spam likes them too: so most servers have switched them off.",
    zh = "VRFY 和 EXPN 本是为了方便，却也方便了收集地址发垃圾邮件的人：所以多数服务器已经关闭。",
  },
  seed = 13,
}

local policy = s:setting { name = "policy", default = "noncommittal", en = "of the discreet server: answer, noncommittal, disabled",
  zh = "谨慎的服务器的策略：answer、noncommittal、disabled" }

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local function people(vrfy, expn)
  return {
    mailboxes = { bob = { full_name = "Bob Burger" }, jane = { full_name = "Jane Smith" }, john = { full_name = "John Smith" } },
    moved = { dave = "dave@crepes.fr", erin = { to = "erin@crepes.fr", forward = false } },
    lists = { cooks = { "bob", "jane", "carol@crepes.fr" } },
    ambiguous = { smith = { "jane", "john" } },
    vrfy = vrfy, expn = expn,
  }
end
local open = s:host { name = "open", on = net, address = "198.51.100.25" }
local config = people("answer", "answer")
config.name = "open.edu"
open:mail_server(config)
local discreet = s:host { name = "discreet", on = net, address = "198.51.100.26" }
config = people(policy, "disabled")
config.name = "discreet.edu"
discreet:mail_server(config)
local harvester = s:host { name = "harvester", on = net, address = "198.51.100.66" }

-- Types lines, and counts the addresses that the answers give away.
local line
local function dial(host)
  line = harvester:connect { to = host, port = 25 }
  line:wait()
  line:read()
  line:say("HELO harvester.example")
  line:read()
end
local known
local function enter(text, code)
  line:say(text)
  local reply = line:read()
  for address in (reply and reply.text or ""):gmatch("<([^<>]+@[^<>]+)>") do known[address] = true end
  s:expect(("%s for: %s"):format(code, text), function()
    return reply ~= nil and reply.name == code, reply and reply.text:gsub("%s+", " ") or "no answer"
  end)
end
local function hang_up()
  line:say("QUIT")
  line:read()
  line:close()
  s:wait("1s")
end
local function count(set)
  local n = 0
  for _ in pairs(set) do n = n + 1 end
  return n
end

s:script(function()
  open:boot { quiet = true } discreet:boot { quiet = true } harvester:boot { quiet = true }
  s:wait("1s")

  s:phase { en = "A server that tells", zh = "有问必答的服务器" }
  known = {}
  dial(open)
  s:beat { en = "VRFY bob: 250, with his full name and address.", zh = "VRFY bob：250，给出全名和地址。" }
  enter("VRFY bob", "250")
  s:beat { en = "VRFY nobody: 550. So one can try a dictionary of names.", zh = "VRFY nobody：550。于是可以拿一本名字词典挨个试。" }
  enter("VRFY nobody", "550")
  s:beat { en = "Dave has moved and is forwarded: 251. Erin is not: 551.", zh = "Dave 搬走了，代为转发：251。Erin 不转发：551。" }
  enter("VRFY dave", "251")
  enter("VRFY erin", "551")
  s:beat { en = "Smith: 553, ambiguous; and it kindly lists them all.", zh = "Smith：553，有歧义；还好心地全列出来。" }
  enter("VRFY smith", "553")
  s:beat { en = "EXPN: a whole mailing list in one reply.", zh = "EXPN：一条应答给出整个邮件列表。" }
  enter("EXPN cooks", "250")
  enter("EXPN bob", "550")
  hang_up()
  s:expect("the harvester goes away with six addresses", function()
    return count(known) == 6, count(known) .. " addresses"
  end)

  s:phase { en = "A server that does not", zh = "守口如瓶的服务器" }
  known = {}
  dial(discreet)
  local code = policy == "answer" and "250" or policy == "disabled" and "502" or "252"
  local none = policy == "answer" and "550" or code
  s:beat {
    en = "VRFY: 252, neither yes nor no: send, and I will try. For one who exists and for one who does not.",
    zh = "VRFY：252，既不说有也不说没有：发来我试试。存在的人和不存在的人，回答一样。",
  }
  enter("VRFY bob", code)
  enter("VRFY nobody", none)
  s:beat { en = "EXPN: 502, switched off.", zh = "EXPN：502，已关闭。" }
  enter("EXPN cooks", "502")
  hang_up()
  if policy ~= "answer" then
    s:expect("and the harvester with none", function() return count(known) == 0, count(known) .. " addresses" end)
  end
  s:say {
    en = "RCPT TO still tells who exists; that can't be helped, but each try shows in the log.",
    zh = "RCPT TO 仍会泄露谁存在，这无法避免；但每次尝试都会留下记录。",
  }
end)
