-- Row D18: nobody checks who a DHCP server is. A rogue answers first, and says: send everything to me.
local s = scenario {
  title = { en = "A rogue server", zh = "冒牌服务器" },
  about = { en = "DHCP believes whoever answers first. The rogue makes itself the default router.", zh = "DHCP 相信先应答者。冒牌服务器把自己说成默认路由器。" },
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
  gw:boot { quiet = true } site:boot { quiet = true } rogue:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "The race", zh = "抢答" }
  s:beat { en = "Two servers hear the DISCOVER. The rogue is nearer, and answers first.", zh = "两个服务器都听到 DISCOVER。冒牌的更近，先应答。" }
  pc:boot()
  s:wait_state(pc, "BOUND", "10s")
  s:expect("pc1 has believed the rogue", pc.dhcp.server == "192.168.1.66" and pc.router == "192.168.1.66")
  s:phase { en = "The man in the middle", zh = "中间人" }
  s:beat { en = "Everything pc1 sends to the world now passes through the rogue, which may read it all.", zh = "pc1 发往外界的一切都经过冒牌服务器，它什么都能看到。" }
  local before = s.now
  pc:ping(site)
  s:wait("3s")
  s:expect("the ping works: pc1 notices nothing", function(trace) return #trace:facts { name = "echo.reply", host = pc, since = before } == 1 end)
  s:phase { en = "Why", zh = "为什么" }
  s:beat { en = "DHCP has no signatures. Switches can help: let only trusted ports send OFFERs.", zh = "DHCP 没有身份认证。可让交换机帮忙：只有可信端口才能发 OFFER。" }
  rogue:unplug()
  pc:release()
  s:wait("1s")
  pc:dhcp_start()
  s:wait_state(pc, "BOUND", "30s")
  s:expect("without the rogue pc1 finds the true router", pc.router == "192.168.1.254")
  s:wait("2s")
end)
