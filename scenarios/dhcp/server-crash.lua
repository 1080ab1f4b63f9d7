-- Row D16: the server is gone when T1 comes. At T2 the client asks everybody; at the end of the lease it stops.
--   --set back=before-t2   the server recovers while the client is RENEWING
--   --set back=after-t2    … while it is REBINDING (as it stands)
--   --set back=never       … not at all: the lease expires
local s = scenario {
  title = { en = "The server crashes", zh = "服务器崩溃" },
  about = { en = "Silence at T1, a broadcast at T2, and what then happens depends on when the server is back.",
            zh = "T1 时没有应答，T2 时改用广播；结果如何，要看服务器何时恢复。" },
  seed = 9,
}

local back = s:setting { name = "back", default = "after-t2", en = "when the server recovers: before-t2, after-t2 or never",
                         zh = "服务器何时恢复：before-t2、after-t2 或 never" }
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
  server:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "All is well", zh = "一切正常" }
  pc:boot()
  s:wait_state(pc, "BOUND", "10s")
  local address, t1, t2, ends = pc.address, pc.dhcp.t1_at, pc.dhcp.t2_at, pc.dhcp.expires_at
  s:expect("T1 comes after 40 s, T2 after 70 s, the end after 80 s", function()
    local start = pc.dhcp.started_at
    return math.abs(t1 - start - 40) < 0.001 and math.abs(t2 - start - 70) < 0.001 and math.abs(ends - start - 80) < 0.001
  end)
  pc:ping(server) -- the address is used: each learns the other's MAC
  s:wait("1s")
  s:beat { en = "The client is bound. Then the server crashes.", zh = "客户已绑定。然后服务器崩溃。" }
  server:crash()

  s:phase { en = "RENEWING", zh = "更新（RENEWING）" }
  s:beat { en = "T1: the client asks its server, and asks again. No answer.", zh = "T1 到：客户向服务器请求更新，再请求，没有应答。" }
  s:wait_state(pc, "RENEWING", "60s")
  s:expect("it asks at T1 exactly", math.abs(s.now - t1) < 0.001)
  if back == "before-t2" then
    s:wait("5s")
    s:beat { en = "The server is back, and its table of leases with it.", zh = "服务器恢复了，租用记录也还在。" }
    server:boot { quiet = true }
    s:wait_state(pc, "BOUND", "80s")
    s:expect("recovered before T2", s.now < t2 and pc.address == address)
    s:expect("no broadcast was needed", function(trace) return #trace:states { host = pc, to = "REBINDING" } == 0 end)
    s:wait("2s")
    return
  end

  s:phase { en = "REBINDING", zh = "重新绑定（REBINDING）" }
  s:beat { en = "T2: seven eighths of the lease are over. Now it asks everybody, by broadcast.", zh = "T2 到：租用期已过 87.5%。客户改用广播请求。" }
  s:wait_state(pc, "REBINDING", "60s")
  s:expect("it broadcasts at T2 exactly", function(trace)
    local asked = trace:messages { name = "REQUEST", from = pc, since = t2 - 0.001, before = t2 + 0.001 }
    return #asked == 1 and asked[1].dst == "255.255.255.255"
  end)
  s:expect("the address is still in use", pc.address == address)
  if back == "after-t2" then
    s:wait("2s")
    s:beat { en = "The server is back in time.", zh = "服务器及时恢复。" }
    server:boot { quiet = true }
    s:wait_state(pc, "BOUND", "20s")
    s:expect("recovered after T2, with the same address", s.now > t2 and s.now < ends and pc.address == address)
    s:wait("2s")
    return
  end

  s:phase { en = "The end", zh = "租用期到" }
  s:beat { en = "The lease ends: the client stops using the address at once.", zh = "租用期到：客户立即停止使用该地址。" }
  s:wait_until(function() return pc.address == nil end, "60s")
  s:expect("the address is given up when the lease ends", math.abs(s.now - ends) < 0.001)
  s:wait("10s")
  s:expect("it looks for a server again", function(trace) return #trace:messages { name = "DISCOVER", from = pc, since = ends - 0.001 } >= 1 end)
end)
