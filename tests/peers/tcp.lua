-- Our TCP, for a real kernel, which sends 10 MB, asks for 10 MB, and is told what it says: over a sound cable, and over one
-- that loses 5 % of the frames each way.
local s = scenario { title = { en = "TCP for a real kernel", zh = "与真实内核的 TCP" }, seed = 3 }
local function host(n, loss)
  local prefix = "10.77." .. n .. "."
  local lan = s:lan { name = "lan" .. n, prefix = prefix .. "0/24", latency = "0ms" }
  local pc = s:host { name = "pc" .. n, on = lan, address = prefix .. "1" }
  local function settings(octets) return { octets = octets, rto_min = "200ms", delayed_ack = "40ms", msl = "1s" } end
  pc:tcp_echo(settings())
  pc:tcp_discard(settings())
  pc:tcp_chargen(settings(10000000))
  pc:boot { quiet = true }
  if loss then pc:cable { loss = loss } end
end
host(3)
host(4, "5%")
