
local s = scenario {
  title = { en = "x", zh = "x" },
  about = { en = "x", zh = "x" },
  seed = 10,
}
local first = s:lan { name = "library", prefix = "10.1.0.0/24", latency = "1ms" }
local second = s:lan { name = "cafe", prefix = "10.2.0.0/24", latency = "1ms" }
local gw = s:router { name = "gw", interfaces = {
  { on = first, address = "10.1.0.1" },
  { on = second, address = "10.2.0.1" },
} }
gw:dhcp_server {
  pools = {
    { subnet = "10.1.0.0/24", first = "10.1.0.100", last = "10.1.0.199", router = "10.1.0.1" },
    { subnet = "10.2.0.0/24", first = "10.2.0.100", last = "10.2.0.199", router = "10.2.0.1" },
  },
  lease = "1h",
}
local laptop = s:host { name = "laptop", on = first }
laptop:dhcp_client { initial_delay = "1s", probe = false }
s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)
s:script(function()
  gw:boot()
  s:wait("10s")
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  laptop:boot()
  s:wait_state(laptop, "BOUND", "10s")
  s:expect("it has a library address", laptop.address == "10.1.0.100")
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  local moved = s.now
  laptop:move(second)
  s:wait_message { name = "NAK", received_by = laptop, within = "30s" }
  s:beat { en = "x", zh = "x" }
  s:expect("it asked for its old address first", function(trace)
    local asked = trace:messages { name = "REQUEST", from = laptop, since = moved }
    return #asked >= 1 and asked[1].fields.requested_ip_address == "10.1.0.100" and not asked[1].unicast
  end)
  s:expect("after the NAK it has no address", laptop.address == nil)
  s:wait_state(laptop, "BOUND", "30s")
  s:expect("it has a café address", laptop.address == "10.2.0.100" and laptop.router == "10.2.0.1")
  s:wait("2s")
end)
