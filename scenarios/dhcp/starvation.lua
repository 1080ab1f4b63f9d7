-- Row D18: the pool is starved. One attacker, many made-up MAC addresses: each looks like a new host.
local s = scenario {
  title = { en = "Starving the pool", zh = "耗尽地址池" },
  about = { en = "The server can't tell eight hosts from one liar with eight names.", zh = "服务器分不清八台主机和一个用八个名字的骗子。" },
  seed = 19,
}

local size = s:setting { name = "addresses", default = 8, en = "addresses in the pool", zh = "地址池中的地址数" }
local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local server = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
server:dhcp_server { pools = { { "192.168.1.101", "192.168.1." .. (100 + size) } }, lease = "1h" }
local liars = {}
for i = 1, size do
  liars[i] = s:host { name = "mallory" .. i, on = lan, mac = ("02:66:66:66:66:%02x"):format(i) }
  liars[i]:dhcp_client { initial_delay = "1s", probe = false }
end
local pc = s:host { name = "pc1", on = lan }
pc:dhcp_client { initial_delay = "1s", probe = false }

s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)

s:script(function()
  server:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "The attack", zh = "攻击" }
  s:beat { en = "Mallory asks again and again, each time with another made-up MAC address.", zh = "攻击者一次次请求，每次编造一个新的 MAC 地址。" }
  for _, liar in ipairs(liars) do
    liar:boot()
    s:wait("500ms")
  end
  s:wait("5s")
  s:expect("every address of the pool is gone", function()
    local bound = 0
    for _, binding in ipairs(server.bindings) do
      if binding.state == "BOUND" then bound = bound + 1 end
    end
    return bound == size, bound .. " of " .. size
  end)
  s:phase { en = "The victim", zh = "受害者" }
  s:beat { en = "An honest PC comes: nothing is left for an hour.", zh = "老实的 PC 来了：一小时内没有地址可用。" }
  pc:boot()
  s:wait("30s")
  s:expect("pc1 has no address", pc.address == nil)
  s:expect("the server knows that its pool is empty", function(trace) return #trace:facts { name = "dhcp.pool_exhausted", host = server } >= 1 end)
  s:say { en = "Switches can help: only a few MAC addresses a port.", zh = "交换机可以帮忙：每个端口只允许少数几个 MAC 地址。" }
  s:wait("1s")
end)
