
local s = scenario {
  title = { en = "x", zh = "x" },
  about = { en = "x", zh = "x" },
  seed = 19,
}
local size = s:setting { name = "addresses", default = 8, en = "x", zh = "x" }
local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local server = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
server:dhcp_server { pools = { { "192.168.1.101", "192.168.1." .. (100 + size) } }, lease = "1h" }
local liars = {}
for i = 1, size do
  liars[i] = s:host { name = "mallory" .. i, on = lan, mac = ("02:66:66:66:66:%02x"):format(i) }
  liars[i]:dhcp_client { initial_delay = "1s", probe = false }
end
local pc = s:host { name = "pc1", on = lan }
pc:dhcp_client { initial_delay = "1s", probe = false }
s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)
s:script(function()
  server:boot()
  s:wait("5s")
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  for _, liar in ipairs(liars) do
    liar:boot()
    s:wait("500ms")
  end
  s:wait("5s")
  s:expect("every address of the pool is gone", function()
    local bound = 0
    for _, binding in ipairs(server.bindings) do
      if binding.state == "BOUND" then bound = bound + 1 end
    end
    return bound == size, bound .. " of " .. size
  end)
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  pc:boot()
  s:wait("30s")
  s:expect("pc1 has no address", pc.address == nil)
  s:expect("the server knows that its pool is empty", function(trace) return #trace:facts { name = "dhcp.pool_exhausted", host = server } >= 1 end)
  s:say { en = "x", zh = "x" }
  s:wait("1s")
end)
