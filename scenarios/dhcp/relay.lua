-- The relay agent (row D6): no server on this network, so a relay carries the client's broadcast to one far away, by unicast.
local s = scenario {
  title = { en = "The relay agent", zh = "中继代理" },
  about = {
    en = "Broadcasts stop at routers. A relay agent on each network knows the server's address and carries the messages.",
    zh = "广播过不了路由器。每个网络上有一个中继代理，它知道服务器的地址，代为转发报文。",
  },
  seed = 4,
}

local office = s:lan { name = "office", prefix = "10.1.0.0/24", latency = "1ms" }
local centre = s:lan { name = "centre", prefix = "10.9.0.0/24", latency = "2ms" }

local relay = s:router { name = "relay", interfaces = {
  { on = office, address = "10.1.0.1" },
  { on = centre, address = "10.9.0.1" },
} }
relay:dhcp_relay { servers = { "10.9.0.53" } }
local server = s:host { name = "dhcp1", on = centre, address = "10.9.0.53", router = "10.9.0.1" }
server:dhcp_server {
  pools = { { subnet = "10.1.0.0/24", first = "10.1.0.100", last = "10.1.0.199", router = "10.1.0.1" } },
  dns = { "10.9.0.53" },
  lease = "1h",
}
local pc = s:host { name = "pc1", on = office }
pc:dhcp_client { initial_delay = "1s", probe = false }
local bystander = s:host { name = "pc2", on = office, address = "10.1.0.20" }

s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)

s:script(function()
  relay:boot { quiet = true } server:boot { quiet = true } bystander:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "Asking", zh = "请求" }
  s:beat { en = "The client broadcasts DISCOVER. The router does not forward a broadcast…", zh = "客户广播 DISCOVER。路由器不转发广播……" }
  pc:boot()
  s:wait_message { name = "DISCOVER", received_by = relay, within = "10s" }
  s:beat { en = "…but the relay agent takes it in: it writes its own address into giaddr, counts hops, and sends it on by unicast.",
           zh = "……但中继代理收下它：把自己的地址写入 giaddr，hops 加 1，再单播给服务器。" }
  s:wait_message { name = "DISCOVER", received_by = server, within = "10s" }
  s:expect("the DISCOVER reaches the server by unicast, with giaddr and hops stamped", function(trace)
    local got = trace:messages { name = "DISCOVER", received_by = server }
    local m = got[1]
    return #got == 1 and m.dst == "10.9.0.53" and m.fields.giaddr == "10.1.0.1" and m.fields.hops == 1
  end)
  s:phase { en = "Answering", zh = "应答" }
  s:beat { en = "The server chooses the pool by giaddr, and answers the relay.", zh = "服务器按 giaddr 选择地址池，把 OFFER 发回中继代理。" }
  s:wait_message { name = "OFFER", received_by = relay, within = "10s" }
  s:beat { en = "The relay hands the OFFER to the client on its own LAN.", zh = "中继代理把 OFFER 交给本网络上的客户。" }
  s:wait_state(pc, "BOUND", "20s")
  s:expect("pc1 has an address of its own network", pc.address == "10.1.0.100" and pc.router == "10.1.0.1")
  s:expect("the server answered the relay, never the client itself", function(trace)
    local answers = trace:messages { proto = "dhcp", from = server }
    for _, m in ipairs(answers) do
      if m.dst ~= "10.1.0.1" then return false, m.name .. " to " .. m.dst end
    end
    return #answers == 2
  end)
  s:beat { en = "Bound. A renewal needs no relay: the client knows its server now, and a unicast is routed.",
           zh = "已绑定。更新租用期不再需要中继：客户已知道服务器，单播可以经路由器转发。" }
  local before = s.now
  pc:renew()
  s:wait_message { name = "ACK", received_by = pc, within = "10s" }
  s:expect("the renewal goes past the relay agent", function(trace)
    local got = trace:messages { name = "REQUEST", received_by = server, since = before }
    return #got == 1 and got[1].fields.giaddr == "0.0.0.0" and got[1].src == "10.1.0.100"
  end)
  s:wait("2s")
end)
