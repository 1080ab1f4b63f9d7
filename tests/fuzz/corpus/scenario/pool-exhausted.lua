
local s = scenario {
  title = { en = "x", zh = "x" },
  about = { en = "x", zh = "x" },
  seed = 16,
}
local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local server = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
server:dhcp_server { pools = { { "192.168.1.101", "192.168.1.103" } }, lease = "40s" }
local pcs = {}
for i = 1, 4 do
  pcs[i] = s:host { name = "pc" .. i, on = lan }
  pcs[i]:dhcp_client { initial_delay = "1s", probe = false, remember = false }
end
s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)
s:script(function()
  server:boot()
  s:wait("5s")
  s:beat { en = "x", zh = "x" }
  for i = 1, 3 do
    pcs[i]:boot()
    s:wait_state(pcs[i], "BOUND", "10s")
  end
  s:expect("three PCs are bound", pcs[1].address ~= nil and pcs[2].address ~= nil and pcs[3].address ~= nil)
  s:beat { en = "x", zh = "x" }
  pcs[4]:boot()
  s:wait("5s")
  s:expect("the server notices that its pool is empty", function(trace) return #trace:facts { name = "dhcp.pool_exhausted", host = server } >= 1 end)
  s:expect("pc4 has no address", pcs[4].address == nil)
  s:expect("nobody offered it anything", function(trace)
    for _, m in ipairs(trace:messages { name = "OFFER" }) do
      if m.fields.chaddr == pcs[4].mac then return false, "an OFFER at " .. m.t end
    end
    return true
  end)
  s:beat { en = "x", zh = "x" }
  local lost = pcs[1].address
  pcs[1]:crash()
  s:wait_state(pcs[4], "BOUND", "200s")
  s:expect("pc4 has pc1's address", pcs[4].address == lost)
  s:wait("2s")
end)
