
local s = scenario {
  title = { en = "x", zh = "x" },
  about = { en = "x",
            zh = "x" },
  seed = 9,
}
local back = s:setting { name = "back", default = "after-t2", en = "x",
                         zh = "x" }
if back ~= "before-t2" and back ~= "after-t2" and back ~= "never" then
  error("back is before-t2, after-t2 or never, not " .. back, 0)
end
local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local server = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
server:dhcp_server { pools = { { "192.168.1.100", "192.168.1.199" } }, lease = "80s" }
local pc = s:host { name = "pc1", on = lan }
pc:dhcp_client { initial_delay = "1s", probe = false, retry_min = "4s" }
s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)
s:expect_never("pc1 keeps an address after its lease has ended", function()
  return pc.address and pc.dhcp.expires_at and s.now > pc.dhcp.expires_at
end)
s:script(function()
  server:boot()
  s:wait("5s")
  s:phase { en = "x", zh = "x" }
  pc:boot()
  s:wait_state(pc, "BOUND", "10s")
  local address, t1, t2, ends = pc.address, pc.dhcp.t1_at, pc.dhcp.t2_at, pc.dhcp.expires_at
  s:expect("T1 comes after 40 s, T2 after 70 s, the end after 80 s", function()
    local start = pc.dhcp.started_at
    return math.abs(t1 - start - 40) < 0.001 and math.abs(t2 - start - 70) < 0.001 and math.abs(ends - start - 80) < 0.001
  end)
  s:beat { en = "x", zh = "x" }
  server:crash()
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  s:wait_state(pc, "RENEWING", "60s")
  s:expect("it asks at T1 exactly", math.abs(s.now - t1) < 0.001)
  if back == "before-t2" then
    s:wait("5s")
    s:beat { en = "x", zh = "x" }
    server:boot()
    s:wait_state(pc, "BOUND", "80s")
    s:expect("recovered before T2", s.now < t2 and pc.address == address)
    s:expect("no broadcast was needed", function(trace) return #trace:states { host = pc, to = "REBINDING" } == 0 end)
    s:wait("2s")
    return
  end
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  s:wait_state(pc, "REBINDING", "60s")
  s:expect("it broadcasts at T2 exactly", function(trace)
    local asked = trace:messages { name = "REQUEST", from = pc, since = t2 - 0.001, before = t2 + 0.001 }
    return #asked == 1 and asked[1].dst == "255.255.255.255"
  end)
  s:expect("the address is still in use", pc.address == address)
  if back == "after-t2" then
    s:wait("2s")
    s:beat { en = "x", zh = "x" }
    server:boot()
    s:wait_state(pc, "BOUND", "20s")
    s:expect("recovered after T2, with the same address", s.now > t2 and s.now < ends and pc.address == address)
    s:wait("2s")
    return
  end
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  s:wait_until(function() return pc.address == nil end, "60s")
  s:expect("the address is given up when the lease ends", math.abs(s.now - ends) < 0.001)
  s:wait("10s")
  s:expect("it looks for a server again", function(trace) return #trace:messages { name = "DISCOVER", from = pc, since = ends - 0.001 } >= 1 end)
end)
