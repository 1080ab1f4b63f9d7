-- One server for two networks (row D6): the relay's address in giaddr tells the server which pool to take.
local s = scenario {
  title = { en = "One server, two networks", zh = "一个服务器，两个网络" },
  about = {
    en = "Central management: one server hands out addresses for networks it is not on.",
    zh = "集中管理：一个服务器为它不在其中的网络分配地址。",
  },
  seed = 5,
}

local red = s:lan { name = "red", prefix = "10.1.0.0/24", latency = "1ms" }
local blue = s:lan { name = "blue", prefix = "10.2.0.0/24", latency = "1ms" }
local centre = s:lan { name = "centre", prefix = "10.9.0.0/24", latency = "2ms" }

local relay = s:router { name = "relay", interfaces = {
  { on = red, address = "10.1.0.1" },
  { on = blue, address = "10.2.0.1" },
  { on = centre, address = "10.9.0.1" },
} }
relay:dhcp_relay { servers = { "10.9.0.53" } }
local server = s:host { name = "dhcp1", on = centre, address = "10.9.0.53", router = "10.9.0.1" }
server:dhcp_server {
  pools = {
    { subnet = "10.1.0.0/24", first = "10.1.0.100", last = "10.1.0.199", router = "10.1.0.1" },
    { subnet = "10.2.0.0/24", first = "10.2.0.100", last = "10.2.0.199", router = "10.2.0.1" },
  },
  lease = "1h",
}
local one = s:host { name = "red1", on = red }
local two = s:host { name = "blue1", on = blue }
one:dhcp_client { initial_delay = "1s", probe = false }
two:dhcp_client { initial_delay = "1s", probe = false }

s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)

s:script(function()
  relay:boot { quiet = true } server:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "The red network", zh = "红网" }
  s:beat { en = "A PC on the red network asks. giaddr = 10.1.0.1: the server takes the red pool.", zh = "红网的 PC 请求。giaddr = 10.1.0.1：服务器用红网的地址池。" }
  one:boot()
  s:wait_state(one, "BOUND", "20s")
  s:expect("red1 has a red address", one.address == "10.1.0.100" and one.router == "10.1.0.1")
  s:phase { en = "The blue network", zh = "蓝网" }
  s:beat { en = "A PC on the blue network asks. giaddr = 10.2.0.1: the blue pool.", zh = "蓝网的 PC 请求。giaddr = 10.2.0.1：用蓝网的地址池。" }
  two:boot()
  s:wait_state(two, "BOUND", "20s")
  s:expect("blue1 has a blue address", two.address == "10.2.0.100" and two.router == "10.2.0.1")
  s:expect("the server saw two giaddrs", function(trace)
    local seen = {}
    for i, m in ipairs(trace:messages { name = "DISCOVER", received_by = server }) do seen[i] = m.fields.giaddr end
    return table.concat(seen, " ") == "10.1.0.1 10.2.0.1", table.concat(seen, " ")
  end)
  s:beat { en = "Both can talk to each other through the router.", zh = "两台 PC 经路由器互通。" }
  local before = s.now
  one:ping(two)
  s:wait("3s")
  s:expect("red1 reaches blue1", function(trace) return #trace:facts { name = "echo.reply", host = one, since = before } == 1 end)
end)
