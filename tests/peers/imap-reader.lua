-- For the test with a real IMAP server beyond a TAP interface: our clients read there, each user in another way.
local s = scenario { title = { en = "A real IMAP server", zh = "真实 IMAP 服务器" }, ends = "3600s", seed = 41 }
local lan = s:lan { name = "lan1", prefix = "10.77.9.0/24", latency = "100us" }
local function reader(name, number, fields)
  local host = s:host { name = name, on = lan, address = "10.77.9." .. number }
  fields.server, fields.connect, fields.retry = "10.77.9.1", false, "1s"
  fields.password = fields.password or "ketchup"
  host:imap_client(fields)
  return host
end
local desk = reader("desk", 11, { user = "bob", sent = "Sent", piece = 1000 })
desk:mail_agent { address = "bob@real.example", server = "10.77.9.2" }
local lap = reader("lap", 12, { user = "bob", authenticate = true })
local old = reader("old", 13, { user = "carol", move = false, idle = false, poll = "2s" })
local wrong = reader("wrong", 14, { user = "bob", password = "mustard" })

local function wait_fact(host, name, count)
  s:wait_until(function(trace) return #trace:facts { name = name, host = host } >= count end, "30s")
end

s:script(function()
  for _, host in ipairs { desk, lap, old, wrong } do host:boot { quiet = true } end
  s:wait("4s")
  for _, host in ipairs { desk, lap, old, wrong } do host:mail_connect() end
  for _, host in ipairs { desk, lap, old } do wait_fact(host, "imap.synchronized", 1) end
  desk:mail_open(1)
  desk:mail_open(3)
  desk:mail_part(3, "2")
  desk:mail_flag(2, "\\Flagged")
  desk:mail_flag(2, "$Work")
  s:wait_until(function(trace)
    for _, fact in ipairs(trace:facts { name = "imap.flag_heard", host = lap }) do
      if fact.fields.flags == "\\Flagged $Work" then return true end
    end
    return false
  end, "30s")
  desk:mail_file(4, "Größe")
  desk:mail_delete(5)
  old:mail_file(4, "Größe")
  old:mail_delete(5)
  wait_fact(lap, "imap.message_gone", 2)
  wait_fact(old, "imap.deleted", 1)
  desk:mail { from = "bob@real.example", to = "alice@real.example", subject = "kept", text = "A copy.\n" }
  wait_fact(desk, "imap.kept", 1)
  s:wait("3s")
  lap:mail_flag(1, "\\Seen", { set = false })
  wait_fact(desk, "imap.flag_heard", 1)
  for _, host in ipairs { desk, lap, old } do host:mail_disconnect() end
  for _, host in ipairs { desk, lap, old } do wait_fact(host, "imap.done", 1) end
  desk:mail_connect()
  wait_fact(desk, "imap.synchronized", 2)
  s:say("finished")
  s:wait("3600s")
end)
