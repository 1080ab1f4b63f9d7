
local s = scenario {
  title = { en = "x", zh = "x" },
  about = { en = "x", zh = "x" },
  seed = 11,
}
local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local server = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
server:dhcp_server { pools = { { "192.168.1.100", "192.168.1.199" } }, lease = "1h" }
local printer = s:host { name = "printer", on = lan, address = "192.168.1.100" }
local pc = s:host { name = "pc1", on = lan }
pc:dhcp_client { initial_delay = "1s" }
local function in_state(state)
  for _, binding in ipairs(server.bindings) do
    if binding.state == state then return binding.address end
  end
  return nil
end
s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)
s:script(function()
  server:boot() printer:boot()
  s:wait("10s")
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  pc:boot()
  s:wait_message { name = "ACK", received_by = pc, within = "20s" }
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  s:wait_message { name = "DECLINE", from = pc, within = "20s" }
  local declined = s.now
  s:beat { en = "x", zh = "x" }
  s:wait("1s")
  s:expect("pc1 never used the printer's address", pc.address == nil)
  s:expect("the server has set the address aside", in_state("DECLINED") == "192.168.1.100")
  s:wait_message { name = "DISCOVER", from = pc, within = "30s" }
  s:expect("pc1 waits ten seconds before it asks again", math.abs(s.now - declined - 10) < 0.01)
  s:wait_state(pc, "BOUND", "30s")
  s:beat { en = "x", zh = "x" }
  s:expect("pc1 has another address", pc.address ~= nil and pc.address ~= "192.168.1.100")
  s:wait("2s")
end)
