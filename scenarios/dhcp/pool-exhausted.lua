-- Row D5: the pool has three addresses, and there are four PCs.
local s = scenario {
  title = { en = "The pool is empty", zh = "地址池用完了" },
  about = { en = "Three addresses, four PCs, short leases: the fourth waits until one is not renewed.", zh = "三个地址，四台 PC，租用期很短：第四台要等到有一个租用期不再更新。" },
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
  server:boot { quiet = true }
  s:wait("1s")
  s:beat { en = "Three PCs: three addresses.", zh = "三台 PC：三个地址。" }
  for i = 1, 3 do
    pcs[i]:boot()
    s:wait_state(pcs[i], "BOUND", "10s")
  end
  s:expect("three PCs are bound", pcs[1].address ~= nil and pcs[2].address ~= nil and pcs[3].address ~= nil)
  s:beat { en = "The fourth asks: the server has nothing left, and keeps silent.", zh = "第四台请求：服务器没有地址了，只能沉默。" }
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
  s:beat { en = "pc1 crashes, and renews no more. When its lease ends, the address is free again.", zh = "pc1 崩溃，不再更新。它的租用期到时，地址又空闲了。" }
  local lost = pcs[1].address
  pcs[1]:crash()
  s:wait_state(pcs[4], "BOUND", "200s")
  s:expect("pc4 has pc1's address", pcs[4].address == lost)
  s:wait("2s")
end)
