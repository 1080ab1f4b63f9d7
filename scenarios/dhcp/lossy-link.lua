-- Row D18: messages get lost. The client sends again, after 4, 8, 16 … seconds, each a little at random.
local s = scenario {
  title = { en = "A bad cable", zh = "坏网线" },
  about = { en = "First two lost messages, to see the back-off; then a cable that loses four frames out of ten.", zh = "先丢两个报文，看退避；再换一根丢失 40% 的网线。" },
  seed = 18,
}

local loss = s:setting { name = "loss", default = "40%", en = "how much the cable loses", zh = "网线的丢失率" }
local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local server = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
server:dhcp_server { pools = { { "192.168.1.100", "192.168.1.199" } }, lease = "1h" }
local pc = s:host { name = "pc1", on = lan }
pc:dhcp_client { initial_delay = "1s", probe = false, remember = false }

s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)

s:script(function()
  server:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "Back-off", zh = "退避" }
  s:beat { en = "The first two DISCOVERs fall off the wire. The client waits longer each time.", zh = "前两个 DISCOVER 丢失了。客户每次等得更久。" }
  pc:drop { message = "DISCOVER", count = 2, direction = "from_host" }
  pc:boot()
  s:wait_state(pc, "BOUND", "60s")
  s:expect("it sent three times, after about 4 and about 8 seconds", function(trace)
    local sent = trace:messages { name = "DISCOVER", from = pc }
    if #sent ~= 3 then return false, #sent .. " sent" end
    local first, second = sent[2].t - sent[1].t, sent[3].t - sent[2].t
    return first >= 3 and first <= 5 and second >= 7 and second <= 9, ("%.3f s, then %.3f s"):format(first, second)
  end)
  s:expect("every try bears the same xid", function(trace)
    local sent = trace:messages { name = "DISCOVER", from = pc }
    return sent[1].fields.xid == sent[2].fields.xid and sent[2].fields.xid == sent[3].fields.xid
  end)
  pc:shutdown()
  s:wait("5s")
  s:phase { en = "Luck", zh = "看运气" }
  s:beat { en = "Now a cable that loses 4 frames out of 10, both ways. It takes longer, and it works.", zh = "换一根网线，来回都丢 40%。要久一些，但行得通。" }
  pc:cable { loss = loss }
  pc:boot()
  s:wait_state(pc, "BOUND", "600s")
  s:expect("it is bound in the end", pc.dhcp.state == "BOUND")
  s:wait("2s")
end)
