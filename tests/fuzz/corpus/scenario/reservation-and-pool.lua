
local s = scenario {
  title = { en = "x", zh = "x" },
  about = {
    en = "x",
    zh = "x",
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
  server:boot()
  s:wait("5s")
  s:beat { en = "x", zh = "x" }
  guest:boot()
  s:wait_state(guest, "BOUND", "10s")
  s:expect("the guest has an address of the pool", guest.address == "192.168.1.100")
  s:beat { en = "x", zh = "x" }
  printer:boot()
  s:wait_state(printer, "BOUND", "10s")
  s:expect("the printer has its reserved address", printer.address == "192.168.1.10")
  s:beat { en = "x", zh = "x" }
  printer:shutdown()
  s:wait("10s")
  printer:boot()
  s:wait_state(printer, "BOUND", "10s")
  s:expect("the printer has the same address again", printer.address == "192.168.1.10")
  s:wait("2s")
end)
