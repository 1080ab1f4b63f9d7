-- Rows D13 and D14: at T1 the client renews, again and again, and nobody notices.
local s = scenario {
  title = { en = "Renewing", zh = "更新租用期" },
  about = { en = "A lease of about a minute, renewed at half time, as long as the client lives.", zh = "租用期约一分钟，过半就更新；只要客户在，一直如此。" },
  seed = 8,
}

local lease = s:setting { name = "lease", default = "64s", en = "length of a lease", zh = "租用期的长度" }
local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "200us" }
local server = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
server:dhcp_server { pools = { { "192.168.1.100", "192.168.1.199" } }, lease = lease }
local pc = s:host { name = "pc1", on = lan }
pc:dhcp_client { initial_delay = "1s", probe = false }

s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)

s:script(function()
  server:boot { quiet = true }
  s:wait("1s")
  s:beat { en = "The client gets its address: T1 and T2 begin to run.", zh = "客户得到地址：T1、T2 开始计时。" }
  pc:boot()
  s:wait_state(pc, "BOUND", "10s")
  local address = pc.address
  s:expect("T1 is half of the lease", math.abs(pc.dhcp.t1_at - pc.dhcp.started_at - pc.dhcp.lease / 2) < 0.001)
  s:expect_never("pc1's address changes", function() return pc.powered and pc.address ~= address end)
  for turn = 1, 3 do
    local t1, ends = pc.dhcp.t1_at, pc.dhcp.expires_at
    s:beat { en = "T1: a REQUEST by unicast, an ACK, and the lease is whole again.", zh = "T1 到：单播 REQUEST，收到 ACK，租用期重新开始。" }
    s:wait_state(pc, "RENEWING", lease)
    s:wait_state(pc, "BOUND", "5s")
    s:expect("renewal " .. turn .. ": REQUEST by unicast to the server at T1, within a millisecond", function(trace)
      local asked = trace:messages { name = "REQUEST", from = pc, since = t1 - 0.001, before = t1 + 0.001 }
      return #asked == 1 and asked[1].dst == "192.168.1.1" and asked[1].fields.ciaddr == address
    end)
    s:expect("renewal " .. turn .. ": the lease ends later", pc.dhcp.expires_at > ends)
  end
  s:expect("T2 was never reached", function(trace) return #trace:states { host = pc, to = "REBINDING" } == 0 end)
  s:wait("2s")
end)
