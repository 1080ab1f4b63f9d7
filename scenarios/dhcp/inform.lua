-- Row D18: an address set by hand, and everything else by DHCP: INFORM.
local s = scenario {
  title = { en = "Only the rest, please", zh = "只要其余的参数" },
  about = { en = "A server in the rack has its address by hand, and asks DHCP for router and DNS server.", zh = "机架上的服务器手工配置地址，其余参数（默认路由器、域名服务器）问 DHCP。" },
  seed = 15,
}

local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local server = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
server:dhcp_server { pools = { { "192.168.1.100", "192.168.1.199" } }, router = "192.168.1.254", dns = { "192.168.1.53" }, lease = "1h" }
local rack = s:host { name = "rack1", on = lan, address = "192.168.1.20" }
rack:dhcp_client { inform = true, initial_delay = "1s" }

s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)

s:script(function()
  server:boot { quiet = true }
  s:wait("1s")
  s:beat { en = "rack1 has its address already. It sends INFORM, with the address in ciaddr.", zh = "rack1 已有地址。它发 INFORM，ciaddr 中写自己的地址。" }
  rack:boot()
  s:wait_message { name = "ACK", received_by = rack, within = "30s" }
  s:beat { en = "ACK: router and DNS server, but no address and no lease.", zh = "ACK：默认路由器和域名服务器；没有地址，也没有租用期。" }
  s:wait("1s")
  s:expect("the ACK carries no lease and no address", function(trace)
    local ack = trace:messages { name = "ACK", received_by = rack }[1]
    return ack and ack.fields.yiaddr == "0.0.0.0" and ack.fields.ip_address_lease_time == nil and ack.dst == "192.168.1.20"
  end)
  s:expect("rack1 keeps its own address and learns the rest", rack.address == "192.168.1.20" and rack.router == "192.168.1.254" and rack.dns[1] == "192.168.1.53")
  s:expect("no address of the pool was given away", #server.bindings == 0)
  s:wait("1s")
end)
