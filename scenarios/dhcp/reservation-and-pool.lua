-- Row D5: the server first looks the host up in its database; only a stranger gets an address from the pool.
local s = scenario {
  title = { en = "A reservation, or the pool", zh = "预留地址，还是地址池" },
  about = {
    en = "The printer always gets the same address; a guest gets the next free one.",
    zh = "打印机总是得到同一个地址；访客得到下一个空闲地址。",
  },
  seed = 6,
}

local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local server = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
server:dhcp_server {
  pools = { { "192.168.1.100", "192.168.1.199" } },
  reservations = { { mac = "02:00:00:00:00:aa", address = "192.168.1.10" } },
  lease = "1h",
}
local printer = s:host { name = "printer", on = lan, mac = "02:00:00:00:00:aa" }
local guest = s:host { name = "guest", on = lan }
printer:dhcp_client { initial_delay = "1s", probe = false, remember = false }
guest:dhcp_client { initial_delay = "1s", probe = false }

s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)
s:expect_never("the guest is given the printer's address", function() return guest.address == "192.168.1.10" end)

s:script(function()
  server:boot { quiet = true }
  s:wait("1s")
  s:beat { en = "A guest: not in the database. It gets the first free address of the pool.", zh = "访客：数据库中没有。分给它地址池中第一个空闲地址。" }
  guest:boot()
  s:wait_state(guest, "BOUND", "10s")
  s:expect("the guest has an address of the pool", guest.address == "192.168.1.100")
  s:beat { en = "The printer: its MAC address is in the database. It gets what is reserved for it.", zh = "打印机：数据库中有它的 MAC 地址，得到为它预留的地址。" }
  printer:boot()
  s:wait_state(printer, "BOUND", "10s")
  s:expect("the printer has its reserved address", printer.address == "192.168.1.10")
  s:beat { en = "Off, and on again: the same address, though the printer remembers nothing.", zh = "关机再开机：打印机什么都不记得，地址却不变。" }
  printer:shutdown()
  s:wait("10s")
  printer:boot()
  s:wait_state(printer, "BOUND", "10s")
  s:expect("the printer has the same address again", printer.address == "192.168.1.10")
  s:wait("2s")
end)
