
local s = scenario {
  title = { en = "x", zh = "x" },
  about = { en = "x", zh = "x" },
  seed = 17,
}
local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local world = s:lan { name = "world", prefix = "203.0.113.0/24", latency = "5ms" }
local gw = s:router { name = "gw", interfaces = {
  { on = lan, address = "192.168.1.254", latency = "4ms" },
  { on = world, address = "203.0.113.1" },
} }
gw:dhcp_server { pools = { { "192.168.1.100", "192.168.1.199" } }, router = "192.168.1.254", lease = "1h" }
local site = s:host { name = "site", on = world, address = "203.0.113.80", router = "203.0.113.1" }
local rogue = s:router { name = "rogue", interfaces = { { on = lan, address = "192.168.1.66" } },
                         routes = { { to = "0.0.0.0/0", via = "192.168.1.254" } } }
rogue:dhcp_server { pools = { { "192.168.1.201", "192.168.1.220" } }, router = "192.168.1.66", lease = "1h" }
local pc = s:host { name = "pc1", on = lan }
pc:dhcp_client { initial_delay = "1s", probe = false }
s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)
s:script(function()
  gw:boot() site:boot() rogue:boot()
  s:wait("10s")
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  pc:boot()
  s:wait_state(pc, "BOUND", "10s")
  s:expect("pc1 has believed the rogue", pc.dhcp.server == "192.168.1.66" and pc.router == "192.168.1.66")
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  local before = s.now
  pc:ping(site)
  s:wait("3s")
  s:expect("the ping works: pc1 notices nothing", function(trace) return #trace:facts { name = "echo.reply", host = pc, since = before } == 1 end)
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  rogue:unplug()
  pc:release()
  s:wait("1s")
  pc:dhcp_start()
  s:wait_state(pc, "BOUND", "30s")
  s:expect("without the rogue pc1 finds the true router", pc.router == "192.168.1.254")
  s:wait("2s")
end)
