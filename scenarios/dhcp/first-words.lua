-- The first ping and the first look-up (row D1): four settings arrive by DHCP, and each of them is then needed.
local s = scenario {
  title = { en = "First words", zh = "第一次通信" },
  about = {
    en = "What the address, the mask, the default router and the DNS server are for: one ping to the router, one to a name beyond it.",
    zh = "地址、子网掩码、默认路由器、域名服务器各有何用：先 ping 路由器，再 ping 路由器另一侧的一个域名。",
  },
  seed = 11,
}

local home = s:lan { name = "home", prefix = "192.168.1.0/24", latency = "1ms" }
local world = s:lan { name = "world", prefix = "203.0.113.0/24", latency = "5ms" }

local gw = s:router { name = "gw", interfaces = {
  { on = home, address = "192.168.1.254" },
  { on = world, address = "203.0.113.1" },
} }
local dhcp = s:host { name = "dhcp1", on = home, address = "192.168.1.1" }
dhcp:dhcp_server {
  pools = { { "192.168.1.100", "192.168.1.199" } },
  router = "192.168.1.254",
  dns = { "203.0.113.53" },
  lease = "1h",
}
local dns = s:host { name = "dns", on = world, address = "203.0.113.53", router = "203.0.113.1" }
dns:dns_server { names = { ["www.example.org"] = "203.0.113.80" }, ttl = "60s" }
local www = s:host { name = "www", on = world, address = "203.0.113.80", router = "203.0.113.1" }
local pc = s:host { name = "pc1", on = home }
pc:dhcp_client { initial_delay = "1s", probe = false }

s:script(function()
  gw:boot { quiet = true } dhcp:boot { quiet = true } dns:boot { quiet = true } www:boot { quiet = true }
  s:phase { en = "Four settings", zh = "四项参数" }
  s:beat { en = "A PC boots. It knows nothing but its own MAC address.", zh = "PC 开机，除了自己的 MAC 地址一无所知。" }
  pc:boot()
  s:wait_state(pc, "BOUND", "20s")
  s:beat {
    en = "One DHCP exchange brings all four: an address, a mask, a default router, a DNS server.",
    zh = "一次 DHCP 交互带来全部四项：地址、子网掩码、默认路由器、域名服务器。",
  }
  s:expect("address, mask, default router and DNS server have arrived",
    pc.address == "192.168.1.100" and pc.prefix_length == 24 and pc.router == "192.168.1.254" and pc.dns[1] == "203.0.113.53")
  s:wait("3s")

  s:phase { en = "A neighbour", zh = "同网邻居" }
  s:beat {
    en = "The address and the mask say: the router is on my own network. So ARP finds it, and the first ping is answered.",
    zh = "由地址和掩码可知：路由器与我同网。于是用 ARP 找到它，第一个 ping 得到回答。",
  }
  local before = s.now
  pc:ping(gw)
  s:wait("3s")
  s:expect("the first ping, to the router, is answered", function(trace)
    local replies = trace:facts { name = "echo.reply", host = pc, since = before }
    return #replies == 1 and replies[1].fields.from == "192.168.1.254"
  end)

  s:phase { en = "A name", zh = "域名" }
  s:beat {
    en = "Who is www.example.org? The DNS server is far away; the default router carries the question.",
    zh = "www.example.org 是谁？域名服务器在远处，由默认路由器转发查询。",
  }
  pc:lookup("www.example.org")
  s:wait_message { proto = "dns", name = "query A", received_by = dns, within = "5s" }
  s:beat { en = "The server knows the name, and says how long its answer may be remembered.", zh = "服务器知道这个域名，并说明答案可以记住多久（TTL）。" }
  s:wait_message { proto = "dns", name = "response", received_by = pc, within = "5s" }
  s:wait("1s")
  s:expect("the name is looked up by one query and one response", function(trace)
    local sent = trace:messages { proto = "dns" }
    local found = trace:facts { name = "dns.resolved", host = pc }
    return #sent == 2 and sent[1].dst == "203.0.113.53" and #found == 1 and found[1].fields.name == "www.example.org"
      and found[1].fields.address == "203.0.113.80"
  end)

  s:phase { en = "The world", zh = "外部世界" }
  s:beat { en = "The name is an address now: a ping goes to it, through the router.", zh = "域名已变成地址：ping 它，经过路由器。" }
  before = s.now
  pc:ping("www.example.org")
  s:wait("3s")
  s:expect("the ping to the name is answered from beyond the router, without asking DNS again", function(trace)
    local replies = trace:facts { name = "echo.reply", host = pc, since = before }
    return #replies == 1 and replies[1].fields.from == "203.0.113.80" and #trace:messages { proto = "dns", since = before } == 0
  end)

  s:phase { en = "No such name", zh = "没有这个域名" }
  s:beat { en = "And a name with a slip in it: NXDOMAIN, no such name.", zh = "打错的域名：NXDOMAIN，没有这个域名。" }
  pc:lookup("wwww.example.org")
  s:wait("3s")
  s:expect("a name that does not exist is refused", function(trace)
    local failed = trace:facts { name = "dns.failed", host = pc }
    return #failed == 1 and failed[1].fields.reason == "dns.name_error"
  end)
end)
