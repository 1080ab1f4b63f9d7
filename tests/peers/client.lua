-- Our DHCP client, for a real server: gets a lease, pings the server, renews, releases.
local s = scenario { title = { en = "A DHCP client for a real server", zh = "向真实服务器申请地址的客户" }, seed = 1 }
local lan = s:lan { name = "lan1", prefix = "10.77.2.0/24", latency = "0ms" }
local pc = s:host { name = "pc1", on = lan }
pc:dhcp_client { initial_delay = "0s", probe_wait = "100ms", probe_interval = { "100ms", "200ms" }, announce_wait = "200ms", announce_interval = "200ms" }
s:script(function()
  pc:boot()
  s:expect("pc1 is bound", s:wait_until(function() return pc.dhcp.state == "BOUND" end, "15s"))
  local first = pc.dhcp.expires_at
  pc:ping("10.77.2.1")
  s:wait("1s")
  s:expect("the server answers a ping", function(trace) return #trace:facts { name = "echo.reply" } == 1 end)
  pc:renew()
  s:expect("pc1 has renewed", s:wait_until(function() return pc.dhcp.state == "BOUND" and pc.dhcp.expires_at > first end, "5s"))
  s:wait("500ms")
  pc:release()
  s:wait("1s")
  s:expect("pc1 has given its address back", pc.address == nil)
  s:say { en = "done", zh = "完" }
end)
