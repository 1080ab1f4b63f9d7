
local s = scenario {
  title = { en = "x", zh = "x" },
  about = {
    en = "x",
    zh = "x",
  },
  seed = 2,
}
local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local world = s:lan { name = "world", prefix = "203.0.113.0/24", latency = "5ms" }
local gw = s:router { name = "gw", interfaces = {
  { on = lan, address = "192.168.1.254" },
  { on = world, address = "203.0.113.1" },
} }
local server = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
server:dhcp_server {
  pools = { { "192.168.1.100", "192.168.1.199" } },
  router = "192.168.1.254",
  dns = { "203.0.113.53" },
  lease = "1h",
}
local far = s:host { name = "dns", on = world, address = "203.0.113.53", router = "203.0.113.1" }
local pc = s:host { name = "pc1", on = lan }
pc:dhcp_client { initial_delay = "1s" }
s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)
s:script(function()
  gw:boot() server:boot() far:boot()
  s:wait("10s")
  s:phase { en = "x", zh = "x" }
  s:beat {
    en = "x",
    zh = "x",
  }
  s:phase { en = "x", zh = "x" }
  pc:boot()
  s:expect("pc1 starts without an address", pc.address == nil)
  s:wait_message { name = "DISCOVER", from = pc, within = "10s" }
  s:beat { en = "x", zh = "x" }
  s:wait_message { name = "OFFER", received_by = pc, within = "10s" }
  s:beat { en = "x", zh = "x" }
  s:wait_message { name = "REQUEST", from = pc, within = "10s" }
  s:beat { en = "x", zh = "x" }
  s:wait_message { name = "ACK", received_by = pc, within = "10s" }
  s:beat { en = "x", zh = "x" }
  s:wait_state(pc, "BOUND", "20s")
  s:expect("exactly four messages were exchanged", function(trace)
    local names = {}
    for i, m in ipairs(trace:messages { proto = "dhcp" }) do names[i] = m.name end
    local all = table.concat(names, " ")
    return all == "DISCOVER OFFER REQUEST ACK", all
  end)
  s:expect("address, mask, router and DNS server have arrived",
    pc.address == "192.168.1.100" and pc.prefix_length == 24 and pc.router == "192.168.1.254" and pc.dns[1] == "203.0.113.53")
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  local before = s.now
  pc:ping(far)
  s:wait("3s")
  s:expect("the ping is answered from beyond the router", function(trace)
    local replies = trace:facts { name = "echo.reply", host = pc, since = before }
    return #replies == 1 and replies[1].fields.from == "203.0.113.53"
  end)
end)
