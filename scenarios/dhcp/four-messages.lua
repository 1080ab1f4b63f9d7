-- Plug and play (rows D1, D3, D4): a PC is plugged in, and four messages later it can talk to the world.
local s = scenario {
  title = { en = "Four messages", zh = "四个报文" },
  about = {
    en = "DISCOVER, OFFER, REQUEST, ACK: address, mask, router and DNS server, all from one exchange.",
    zh = "DISCOVER、OFFER、REQUEST、ACK：一次交互得到地址、子网掩码、默认路由器和域名服务器。",
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
  gw:boot { quiet = true } server:boot { quiet = true } far:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "Before", zh = "之前" }
  s:beat {
    en = "A new PC: no address, no mask, no router, no DNS server. It can talk to nobody.",
    zh = "新装的 PC：没有地址、掩码、默认路由器和域名服务器，无法与任何主机通信。",
  }
  s:phase { en = "Plug and play", zh = "即插即用连网" }
  pc:boot()
  s:expect("pc1 starts without an address", pc.address == nil)
  s:wait_message { name = "DISCOVER", received_by = server, within = "10s" }
  s:beat { en = "DISCOVER: is there a DHCP server? From 0.0.0.0 to everybody.", zh = "DISCOVER：有 DHCP 服务器吗？源地址 0.0.0.0，目的地址全 1。" }
  s:wait_message { name = "OFFER", received_by = pc, within = "10s" }
  s:beat { en = "OFFER: you may have 192.168.1.100.", zh = "OFFER：可以把 192.168.1.100 给你。" }
  s:wait_message { name = "REQUEST", received_by = server, within = "10s" }
  s:beat { en = "REQUEST: then I take it.", zh = "REQUEST：那我就要这个。" }
  s:wait_message { name = "ACK", received_by = pc, within = "10s" }
  s:beat { en = "ACK: it is yours for an hour. A look by ARP first: does nobody use it?", zh = "ACK：归你使用一小时。先用 ARP 探测：没有人在用吧？" }
  s:wait_state(pc, "BOUND", "20s")
  s:expect("exactly four messages were exchanged", function(trace)
    local names = {}
    for i, m in ipairs(trace:messages { proto = "dhcp" }) do names[i] = m.name end
    local all = table.concat(names, " ")
    return all == "DISCOVER OFFER REQUEST ACK", all
  end)
  s:expect("address, mask, router and DNS server have arrived",
    pc.address == "192.168.1.100" and pc.prefix_length == 24 and pc.router == "192.168.1.254" and pc.dns[1] == "203.0.113.53")

  s:phase { en = "After", zh = "之后" }
  s:beat { en = "Now it can talk: a ping to the DNS server, through the router.", zh = "现在可以通信了：经默认路由器 ping 域名服务器。" }
  local before = s.now
  pc:ping(far)
  s:wait("3s")
  s:expect("the ping is answered from beyond the router", function(trace)
    local replies = trace:facts { name = "echo.reply", host = pc, since = before }
    return #replies == 1 and replies[1].fields.from == "203.0.113.53"
  end)
end)
