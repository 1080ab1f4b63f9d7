-- Rows D2 and D15: a laptop moves to another subnet. It asks for its old address; the server there says NAK.
local s = scenario {
  title = { en = "Moving house", zh = "搬到另一个子网" },
  about = { en = "A laptop roams from one subnet to another. Its old address is of no use there.", zh = "笔记本电脑从一个子网漫游到另一个子网，原来的地址不能再用。" },
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
  gw:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "In the library", zh = "在图书馆" }
  s:beat { en = "The laptop gets an address of the library's subnet.", zh = "笔记本电脑得到图书馆子网的地址。" }
  laptop:boot()
  s:wait_state(laptop, "BOUND", "10s")
  s:expect("it has a library address", laptop.address == "10.1.0.100")

  s:phase { en = "In the café", zh = "在咖啡馆" }
  s:beat { en = "It is carried to the café. It still has its lease, and asks: may I go on using 10.1.0.100?", zh = "带到咖啡馆。租用期未到，它先问：我还能用 10.1.0.100 吗？" }
  local moved = s.now
  laptop:move(second)
  s:wait_message { name = "NAK", received_by = laptop, within = "30s" }
  s:beat { en = "NAK: wrong network. It must stop at once and start again at DISCOVER.", zh = "NAK：网络不对。必须立即停用，从 DISCOVER 重新开始。" }
  s:expect("it asked for its old address first", function(trace)
    local asked = trace:messages { name = "REQUEST", from = laptop, since = moved }
    return #asked >= 1 and asked[1].fields.requested_ip_address == "10.1.0.100" and not asked[1].unicast
  end)
  s:expect("after the NAK it has no address", laptop.address == nil)
  s:wait_state(laptop, "BOUND", "30s")
  s:expect("it has a café address", laptop.address == "10.2.0.100" and laptop.router == "10.2.0.1")
  s:wait("2s")
end)
