-- Row D17: RELEASE at any time, and the address is free for somebody else.
local s = scenario {
  title = { en = "Giving it back", zh = "释放地址" },
  about = { en = "A pool with one address only: who comes second must wait until the first gives it back.", zh = "地址池中只有一个地址：后来的要等前一个释放。" },
  seed = 13,
}

local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local server = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
server:dhcp_server { pools = { { "192.168.1.100", "192.168.1.100" } }, lease = "8h" }
local first = s:host { name = "pc1", on = lan }
local second = s:host { name = "pc2", on = lan }
first:dhcp_client { initial_delay = "1s", probe = false }
second:dhcp_client { initial_delay = "1s", probe = false }

s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)

s:script(function()
  server:boot { quiet = true }
  s:wait("1s")
  s:beat { en = "pc1 takes the only address, for eight hours.", zh = "pc1 租用了唯一的地址，租用期八小时。" }
  first:boot()
  s:wait_state(first, "BOUND", "10s")
  s:beat { en = "pc2 asks in vain: the pool is empty.", zh = "pc2 申请不到：地址池空了。" }
  second:boot()
  s:wait("6s")
  s:expect("pc2 has no address", second.address == nil)
  s:beat { en = "pc1 doesn't need it any more: RELEASE, by unicast. No answer is expected.", zh = "pc1 不再需要：单播 RELEASE，无需应答。" }
  local released = s.now
  first:release()
  s:wait("1s")
  s:expect("one RELEASE by unicast, and nothing came back", function(trace)
    local sent = trace:messages { name = "RELEASE", from = first, since = released }
    local answers = trace:messages { proto = "dhcp", received_by = first, since = released }
    return #sent == 1 and sent[1].dst == "192.168.1.1" and sent[1].fields.ciaddr == "192.168.1.100" and #answers == 0
  end)
  s:expect("pc1 is without an address", first.address == nil)
  s:beat { en = "At its next try pc2 gets it.", zh = "pc2 再次尝试，得到了这个地址。" }
  s:wait_state(second, "BOUND", "80s")
  s:expect("pc2 has the address now", second.address == "192.168.1.100")
  s:wait("2s")
end)
