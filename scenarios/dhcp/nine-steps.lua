-- The whole of DHCP in nine steps, as a lecture tells it: each click goes one step on.
-- Rows D8 to D17 of the curriculum. A lease of 64 s, so that T1 (32 s) and T2 (56 s) come within the lecture.
local s = scenario {
  title = { en = "DHCP in nine steps", zh = "DHCP 的九个步骤" },
  about = {
    en = "A client gets, renews, loses and releases its address. Click by click, from ① to ⑨.",
    zh = "客户得到地址、更新租用期、失去地址、释放地址。逐步点击，从 ① 到 ⑨。",
  },
  seed = 1,
}

local lease = s:setting { name = "lease", default = "64s", en = "length of a lease", zh = "租用期的长度" }

-- ---- The network -----------------------------------------------------------------------------------------------
local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "200us" }

local dhcp1 = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
dhcp1:dhcp_server {
  pools = { { "192.168.1.100", "192.168.1.149" } },
  router = "192.168.1.254",
  dns = { "192.168.1.1" },
  lease = lease,
}

local dhcp2 = s:host { name = "dhcp2", on = lan, address = "192.168.1.2", latency = "1ms" }
dhcp2:dhcp_server {
  pools = { { "192.168.1.200", "192.168.1.249" } },
  router = "192.168.1.254",
  dns = { "192.168.1.1" },
  lease = lease,
}

local pc = s:host { name = "pc1", on = lan }
pc:dhcp_client {
  initial_delay = "1s", -- the RFC waits 1 to 10 s at random
  offer_wait = "1s",    -- collects offers for a second, then takes the first
  probe = false,        -- probing the address by ARP is shown in decline-on-conflict.lua
  retry_min = "10s",    -- the RFC says 60 s: too long for a lease of a minute
}

-- How many addresses of a server are in this state.
local function count(server, state)
  local n = 0
  for _, binding in ipairs(server.bindings) do
    if binding.state == state then n = n + 1 end
  end
  return n
end

-- ---- What must hold all the time ---------------------------------------------------------------------------------
s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)
s:expect_never("pc1 keeps an address after its lease has ended", function()
  return pc.address and pc.dhcp.expires_at and s.now > pc.dhcp.expires_at
end)

-- ---- The lecture -------------------------------------------------------------------------------------------------
s:script(function()
  -- ①
  s:phase { en = "Getting an address", zh = "获得地址" }
  s:beat { en = "① The server opens UDP port 67 and waits.", zh = "① 服务器被动打开 UDP 端口 67，等待客户。" }
  dhcp1:boot { quiet = true } -- without asking by ARP for its own address first
  dhcp2:boot { quiet = true }
  s:wait("2s")

  -- ②
  s:beat {
    en = "② The client broadcasts DISCOVER from port 68: who can give me an address?",
    zh = "② 客户从 UDP 端口 68 广播 DISCOVER：谁能给我一个地址？",
  }
  pc:boot()
  s:wait_message { name = "DISCOVER", received_by = dhcp1, within = "10s" }

  -- ③
  s:beat {
    en = "③ Every server that hears it offers an address: there may be several OFFERs.",
    zh = "③ 凡收到 DISCOVER 的服务器都发出 OFFER，所以客户可能收到多个 OFFER。",
  }
  s:wait_until(function(trace) return #trace:messages { name = "OFFER", received_by = pc } == 2 end, "10s")

  -- ④
  s:beat {
    en = "④ The client picks one and broadcasts REQUEST, naming the server it chose.",
    zh = "④ 客户选定一个，广播 REQUEST，写明选了哪个服务器。",
  }
  s:wait_message { name = "ACK", from = dhcp1, within = "10s" }
  s:expect("both servers offered", function(trace)
    return #trace:messages { name = "OFFER", from = dhcp1 } == 1 and #trace:messages { name = "OFFER", from = dhcp2 } == 1
  end)
  s:expect("the REQUEST is a broadcast that names dhcp1", function(trace)
    local request = trace:messages { name = "REQUEST", from = pc }[1]
    return request and request.dst == "255.255.255.255" and request.fields.server_identifier == "192.168.1.1"
  end)

  -- ⑤
  s:beat {
    en = "⑤ ACK: the client is bound. T1 = 0.5 T and T2 = 0.875 T start to run.",
    zh = "⑤ 收到 ACK，进入已绑定状态；计时器 T1 = 0.5T、T2 = 0.875T 开始计时。",
  }
  s:wait_state(pc, "BOUND", "5s")
  s:expect("pc1 is bound to an address of dhcp1", pc.dhcp.state == "BOUND" and pc.dhcp.server == "192.168.1.1")
  pc:ping(dhcp1) -- the address is used: each learns the other's MAC
  s:expect("T1 is half of the lease and T2 seven eighths", function()
    local d = pc.dhcp
    return math.abs(d.t1_at - d.started_at - d.lease / 2) < 0.001 and math.abs(d.t2_at - d.started_at - d.lease * 7 / 8) < 0.001
  end)
  s:wait("1s")
  s:expect("dhcp2 has taken its offer back", function() return count(dhcp2, "OFFERED") == 0 end)

  -- ⑥
  s:phase { en = "Keeping it", zh = "续租" }
  s:beat {
    en = "⑥ At T1, half of the lease is over. The client asks to renew: REQUEST, by unicast.",
    zh = "⑥ 租用期过了一半（T1 到）：客户向服务器单播 REQUEST，请求更新租用期。",
  }
  local t1 = pc.dhcp.t1_at
  s:wait_state(pc, "RENEWING", lease)
  s:wait_message { name = "ACK", from = dhcp1, within = "5s" }
  s:expect("at T1, within a millisecond, pc1 asks dhcp1 by unicast", function(trace)
    local asked = trace:messages { name = "REQUEST", from = pc, since = t1 - 0.001, before = t1 + 0.001 }
    return #asked == 1 and asked[1].dst == "192.168.1.1"
  end)

  -- ⑦
  s:beat {
    en = "⑦ ACK: a new lease. T1 and T2 start again.",
    zh = "⑦ 服务器同意，发 ACK：得到新的租用期，重新设置计时器。",
  }
  local old_end = pc.dhcp.expires_at
  s:wait_state(pc, "BOUND", "5s")
  s:expect("the lease now ends later than before", pc.dhcp.expires_at ~= nil and pc.dhcp.expires_at > old_end)

  -- ⑧ no
  s:phase { en = "Losing it", zh = "失去地址" }
  s:beat {
    en = "⑧ The pool is renumbered. At T1 the server says NAK: stop using the address at once.",
    zh = "⑧ 地址池重新编号。T1 到，服务器不同意，发 NAK：客户必须立即停止使用原来的地址。",
  }
  dhcp1:configure("dhcp_server", {
    pools = { { "192.168.1.50", "192.168.1.99" } },
    router = "192.168.1.254",
    dns = { "192.168.1.1" },
    lease = lease,
  })
  s:wait_message { name = "NAK", received_by = pc, within = lease }
  s:expect("after the NAK pc1 has no address", pc.address == nil)
  s:beat {
    en = "Back to step ②: DISCOVER, OFFER, REQUEST, ACK, and a new address.",
    zh = "回到步骤 ②：DISCOVER、OFFER、REQUEST、ACK，得到新的地址。",
  }
  s:wait_state(pc, "BOUND", "30s")
  pc:ping(dhcp1)
  s:wait("1s")
  s:expect("pc1 has an address of the new pool", pc.address ~= nil and pc.address:match("^192%.168%.1%.[5-9]%d$") ~= nil)

  -- ⑧ silence
  s:beat {
    en = "⑧ Now the server crashes. At T1 the client asks, and nobody answers.",
    zh = "⑧ 现在服务器崩溃。T1 到，客户请求更新，却没有应答。",
  }
  dhcp1:crash()
  s:wait_state(pc, "RENEWING", lease)
  s:wait_message { name = "REQUEST", from = pc, within = lease }
  s:beat {
    en = "At T2 it asks again, now by broadcast: perhaps another server can help.",
    zh = "T2 到，客户改用广播再发 REQUEST：也许别的服务器能帮忙。",
  }
  local t2 = pc.dhcp.t2_at
  s:wait_state(pc, "REBINDING", lease)
  s:expect("at T2, within a millisecond, pc1 asks everybody", function(trace)
    local asked = trace:messages { name = "REQUEST", from = pc, since = t2 - 0.001, before = t2 + 0.001 }
    return #asked == 1 and asked[1].dst == "255.255.255.255"
  end)
  s:beat {
    en = "The lease ends: the client stops using the address and starts again at ②.",
    zh = "租用期到：客户停止使用该地址，回到步骤 ② 重新申请。",
  }
  local ends = pc.dhcp.expires_at
  s:wait_until(function() return pc.address == nil end, lease)
  s:expect("the address is given up when the lease ends", math.abs(s.now - ends) < 0.001)
  s:wait_state(pc, "BOUND", "30s")
  s:expect("dhcp2 has given pc1 an address", pc.dhcp.server == "192.168.1.2")

  -- ⑨
  s:phase { en = "Giving it back", zh = "释放地址" }
  s:beat {
    en = "⑨ RELEASE: the client may end its lease at any time.",
    zh = "⑨ 客户可随时发 RELEASE，提前终止租用期；地址回到地址池。",
  }
  s:wait("3s")
  pc:release()
  s:wait("2s")
  s:expect("pc1 has no address any more", pc.address == nil)
  s:expect("the address is back in dhcp2's pool", function() return count(dhcp2, "BOUND") == 0 end)
  s:say { en = "Nine steps, one protocol.", zh = "九个步骤，一个协议。" }
end)
