-- Row D18: a host that remembers its lease needs two messages after a restart, not four.
local s = scenario {
  title = { en = "Back after a restart", zh = "重新启动" },
  about = { en = "INIT-REBOOT: the client remembers its address and only asks whether it is still good.", zh = "INIT-REBOOT：客户记得自己的地址，只问是否仍然有效。" },
  seed = 14,
}

local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local server = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
server:dhcp_server { pools = { { "192.168.1.100", "192.168.1.199" } }, lease = "1h" }
local pc = s:host { name = "pc1", on = lan }
pc:dhcp_client { initial_delay = "1s", probe = false, release_on_shutdown = false }

s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)

local function names(trace, since)
  local list = {}
  for i, m in ipairs(trace:messages { proto = "dhcp", since = since }) do list[i] = m.name end
  return table.concat(list, " ")
end

s:script(function()
  server:boot { quiet = true }
  s:wait("1s")
  s:beat { en = "The first time: four messages.", zh = "第一次：四个报文。" }
  pc:boot()
  s:wait_state(pc, "BOUND", "10s")
  local address, ends = pc.address, pc.dhcp.expires_at
  s:wait("20s")
  s:beat { en = "The power fails. The lease is still on the disk.", zh = "突然断电。租用记录还在磁盘上。" }
  pc:crash()
  s:wait("10s")
  s:beat { en = "Back again: a REQUEST for the address it remembers, an ACK. Two messages.", zh = "重新开机：REQUEST 写上记住的地址，收到 ACK。只用两个报文。" }
  local again = s.now
  pc:boot()
  s:wait_state(pc, "REBOOTING", "20s")
  s:wait_state(pc, "BOUND", "20s")
  s:expect("the same address again", pc.address == address)
  s:expect("two messages were enough", function(trace) return names(trace, again) == "REQUEST ACK", names(trace, again) end)
  s:expect("the REQUEST names the address, and no server", function(trace)
    local m = trace:messages { name = "REQUEST", from = pc, since = again }[1]
    return m and m.fields.requested_ip_address == address and m.fields.server_identifier == nil and m.fields.ciaddr == "0.0.0.0"
  end)
  s:expect("the lease is a new one", pc.dhcp.expires_at ~= nil and pc.dhcp.expires_at > ends)
  s:wait("2s")
end)
