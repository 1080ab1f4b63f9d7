-- Our relay agent between a real client (on lan1) and a real server (on lan2).
local s = scenario { title = { en = "A relay agent between real programs", zh = "真实程序之间的中继代理" }, seed = 1 }
local lan1 = s:lan { name = "lan1", prefix = "10.77.3.0/24", latency = "0ms" }
local lan2 = s:lan { name = "lan2", prefix = "10.77.4.0/24", latency = "0ms" }
local relay = s:router { name = "relay", interfaces = { { on = lan1, address = "10.77.3.254" }, { on = lan2, address = "10.77.4.254" } } }
relay:dhcp_relay { servers = "10.77.4.1", agent_option = true, circuit_id = "lan1" }
s:script(function() relay:boot { quiet = true } end)
