-- Row D18: before it uses an address the client asks by ARP whether somebody has it; if so, it declines.
local s = scenario {
  title = { en = "Somebody has it already", zh = "地址已被占用" },
  about = { en = "A printer was configured by hand with an address of the pool. The client's ARP probe finds out.", zh = "有人给打印机手工配置了地址池中的地址；客户的 ARP 探测发现了冲突。" },
  seed = 11,
}

local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local server = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
server:dhcp_server { pools = { { "192.168.1.100", "192.168.1.199" } }, lease = "1h" }
local printer = s:host { name = "printer", on = lan, address = "192.168.1.100" }
local pc = s:host { name = "pc1", on = lan }
pc:dhcp_client { initial_delay = "1s" }

local function in_state(state)
  for _, binding in ipairs(server.bindings) do
    if binding.state == state then return binding.address end
  end
  return nil
end

s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)

s:script(function()
  server:boot { quiet = true } printer:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "The offer", zh = "提供地址" }
  s:beat { en = "The printer uses 192.168.1.100, set by hand. The server doesn't know, and offers it.", zh = "打印机手工配置了 192.168.1.100。服务器不知道，把它分给客户。" }
  pc:boot()
  s:wait_message { name = "ACK", received_by = pc, within = "20s" }
  s:phase { en = "The conflict", zh = "冲突" }
  s:beat { en = "ACK. But first an ARP probe: is anybody using this address? The printer answers.", zh = "收到 ACK，先用 ARP 探测：有人在用这个地址吗？打印机应答了。" }
  s:wait_message { name = "DECLINE", received_by = server, within = "20s" }
  local declined = s.now
  s:beat { en = "DECLINE: the address is taken. The server sets it aside, the client waits ten seconds.", zh = "DECLINE：地址已被占用。服务器把它停用一段时间，客户等待十秒。" }
  s:wait("1s")
  s:expect("pc1 never used the printer's address", pc.address == nil)
  s:expect("the server has set the address aside", in_state("DECLINED") == "192.168.1.100")
  s:wait_message { name = "DISCOVER", from = pc, within = "30s" }
  s:expect("pc1 waits ten seconds before it asks again", math.abs(s.now - declined - 10) < 0.01)
  s:wait_state(pc, "BOUND", "30s")
  s:beat { en = "At the second try all is well: another address.", zh = "第二次成功：得到另一个地址。" }
  s:expect("pc1 has another address", pc.address ~= nil and pc.address ~= "192.168.1.100")
  s:wait("2s")
end)
