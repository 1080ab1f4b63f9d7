
local s = scenario {
  title = { en = "x", zh = "x" },
  about = { en = "x", zh = "x" },
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
  server:boot()
  s:wait("5s")
  s:beat { en = "x", zh = "x" }
  first:boot()
  s:wait_state(first, "BOUND", "10s")
  s:beat { en = "x", zh = "x" }
  second:boot()
  s:wait("6s")
  s:expect("pc2 has no address", second.address == nil)
  s:beat { en = "x", zh = "x" }
  local released = s.now
  first:release()
  s:wait("1s")
  s:expect("one RELEASE by unicast, and nothing came back", function(trace)
    local sent = trace:messages { name = "RELEASE", from = first, since = released }
    local answers = trace:messages { proto = "dhcp", received_by = first, since = released }
    return #sent == 1 and sent[1].dst == "192.168.1.1" and sent[1].fields.ciaddr == "192.168.1.100" and #answers == 0
  end)
  s:expect("pc1 is without an address", first.address == nil)
  s:beat { en = "x", zh = "x" }
  s:wait_state(second, "BOUND", "80s")
  s:expect("pc2 has the address now", second.address == "192.168.1.100")
  s:wait("2s")
end)
