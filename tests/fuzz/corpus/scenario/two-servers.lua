
local s = scenario {
  title = { en = "x", zh = "x" },
  about = {
    en = "x",
    zh = "x",
  },
  seed = 3,
}
local policy = s:setting { name = "policy", default = "longest", en = "x", zh = "x" }
local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local quick = s:host { name = "quick", on = lan, address = "192.168.1.1" }
quick:dhcp_server { pools = { { "192.168.1.100", "192.168.1.119" } }, lease = "10m" }
local generous = s:host { name = "generous", on = lan, address = "192.168.1.2", latency = "20ms" }
generous:dhcp_server { pools = { { "192.168.1.200", "192.168.1.219" } }, lease = "8h" }
local pc = s:host { name = "pc1", on = lan }
pc:dhcp_client { initial_delay = "1s", offer_wait = "2s", policy = policy, probe = false }
local function offered(server)
  local n = 0
  for _, binding in ipairs(server.bindings) do
    if binding.state == "OFFERED" then n = n + 1 end
  end
  return n
end
s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)
s:script(function()
  quick:boot() generous:boot()
  s:wait("5s")
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  pc:boot()
  s:wait_message { name = "OFFER", from = generous, within = "10s" }
  s:beat { en = "x",
           zh = "x" }
  s:expect("each server holds one address back", offered(quick) == 1 and offered(generous) == 1)
  s:wait_message { name = "REQUEST", from = pc, within = "10s" }
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x",
           zh = "x" }
  s:wait_state(pc, "BOUND", "10s")
  s:wait("1s")
  local chosen = policy == "first" and "192.168.1.1" or "192.168.1.2"
  s:expect("pc1 has chosen by its policy", pc.dhcp.server == chosen)
  s:expect("one broadcast REQUEST named the chosen server", function(trace)
    local requests = trace:messages { name = "REQUEST", from = pc }
    return #requests == 1 and not requests[1].unicast and requests[1].fields.server_identifier == chosen
  end)
  s:expect("no offer is held back any more", offered(quick) == 0 and offered(generous) == 0)
  s:say { en = "x", zh = "x" }
  s:wait("2s")
end)
