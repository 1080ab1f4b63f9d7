-- Row D2: without DHCP. Two hosts were given the same address by hand; ARP shows the conflict.
local s = scenario {
  title = { en = "Configured by hand", zh = "手工配置" },
  about = { en = "Two people type the same address into two computers: this is what DHCP is for.", zh = "两个人给两台计算机配置了同一个地址：这正是 DHCP 要解决的问题。" },
  seed = 12,
}

local lan = s:lan { name = "lan1", prefix = "192.168.0.0/24", latency = "1ms" }
local first = s:host { name = "pc1", on = lan, address = "192.168.0.1" }
local second = s:host { name = "pc2", on = lan }
local third = s:host { name = "pc3", on = lan, address = "192.168.0.3" }

s:script(function()
  first:boot() third:boot()
  s:wait("10s")
  s:phase { en = "Alone", zh = "独自使用" }
  s:beat { en = "pc1 was given 192.168.0.1 by hand. All is well.", zh = "pc1 手工配置为 192.168.0.1，一切正常。" }
  third:ping("192.168.0.1")
  s:wait("3s")
  s:expect("pc3 reaches pc1", function(trace) return #trace:facts { name = "echo.reply", host = third } == 1 end)

  s:phase { en = "The conflict", zh = "地址冲突" }
  s:beat { en = "Somebody gives pc2 the same address. It asks by ARP first, and pc1 answers: it is mine.", zh = "有人给 pc2 配置了同一个地址。它先用 ARP 询问，pc1 应答：这是我的。" }
  local before = s.now
  second:boot()
  second:set_address("192.168.0.1/24")
  s:wait("15s")
  s:expect("the conflict is noticed", function(trace)
    local conflicts = trace:facts { name = "address.conflict", since = before }
    return #conflicts >= 1 and conflicts[1].fields.address == "192.168.0.1"
  end)
  s:expect("pc1 keeps its address", first.address == "192.168.0.1")
  s:expect("pc2 is without one", second.address == nil)
  s:beat { en = "Who has 192.168.0.1? With a server to hand out addresses, nobody would have to ask.", zh = "谁有 192.168.0.1？如果由服务器统一分配，就不会有这个问题。" }
  s:wait("1s")
end)
