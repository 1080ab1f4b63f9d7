-- Row D7: the client may ask for a length of its lease (option 51); the server sets it, within its limits.
local s = scenario {
  title = { en = "How long may I keep it?", zh = "能租多久？" },
  about = {
    en = "The server's limits: from 2 minutes to 1 hour, and 30 minutes if nobody asks.",
    zh = "服务器的限制：2 分钟到 1 小时；不提要求则为 30 分钟。",
  },
  seed = 7,
}

local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local server = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
server:dhcp_server { pools = { { "192.168.1.100", "192.168.1.199" } }, lease = "30m", lease_min = "2m", lease_max = "1h" }

local function client(name, asks)
  local pc = s:host { name = name, on = lan }
  pc:dhcp_client { initial_delay = "1s", probe = false, lease = asks }
  return pc
end
local modest, content, greedy, silent = client("modest", "10s"), client("content", "10m"), client("greedy", "30d"), client("silent", nil)

s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)

s:script(function()
  server:boot { quiet = true }
  s:wait("1s")
  local function try(pc, en, zh, wanted)
    s:beat { en = en, zh = zh }
    pc:boot()
    s:wait_state(pc, "BOUND", "10s")
    s:expect(pc.name .. " is granted " .. wanted .. " seconds", pc.dhcp.lease == wanted)
    s:wait("1s")
  end
  try(silent, "This client does not ask: the server's default, 30 minutes.", "这个客户不提要求：用服务器的默认值，30 分钟。", 1800)
  try(content, "This one asks for 10 minutes, and gets them.", "这个要 10 分钟：同意。", 600)
  try(greedy, "This one asks for 30 days. The server gives an hour: it decides.", "这个要 30 天：服务器只给 1 小时，由服务器决定。", 3600)
  try(modest, "This one asks for 10 seconds. The server gives 2 minutes.", "这个只要 10 秒：服务器给 2 分钟。", 120)
  s:expect("whoever asked did so in option 51 of DISCOVER", function(trace)
    local asked = {}
    for _, m in ipairs(trace:messages { name = "DISCOVER" }) do asked[#asked + 1] = tostring(m.fields.ip_address_lease_time or "-") end
    return table.concat(asked, " ") == "- 600 2592000 10", table.concat(asked, " ")
  end)
end)
