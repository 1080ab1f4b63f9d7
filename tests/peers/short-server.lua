-- Our DHCP server, for real clients: joined to a TAP interface by the tests beside this file.
local s = scenario { title = { en = "A DHCP server for real clients", zh = "供真实客户使用的 DHCP 服务器" }, seed = 1 }
local lan = s:lan { name = "lan1", prefix = "10.77.1.0/24", latency = "0ms" }
local server = s:host { name = "server", on = lan, address = "10.77.1.1" }
server:dhcp_server { pools = { { "10.77.1.100", "10.77.1.110" } }, router = "10.77.1.1", dns = "10.77.1.1", domain = "example.org", lease = s:setting { name = "lease", default = "8s" } }
s:script(function() server:boot { quiet = true } end)
