
local s = scenario {
  title = { en = "x", zh = "x" },
  about = { en = "x", zh = "x" },
  seed = 12,
}
local lan = s:lan { name = "lan1", prefix = "192.168.0.0/24", latency = "1ms" }
local first = s:host { name = "pc1", on = lan, address = "192.168.0.1" }
local second = s:host { name = "pc2", on = lan }
local third = s:host { name = "pc3", on = lan, address = "192.168.0.3" }
s:script(function()
  first:boot() third:boot()
  s:wait("10s")
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  third:ping("192.168.0.1")
  s:wait("3s")
  s:expect("pc3 reaches pc1", function(trace) return #trace:facts { name = "echo.reply", host = third } == 1 end)
  s:phase { en = "x", zh = "x" }
  s:beat { en = "x", zh = "x" }
  local before = s.now
  second:boot()
  second:set_address("192.168.0.1/24")
  s:wait("15s")
  s:expect("the conflict is noticed", function(trace)
    local conflicts = trace:facts { name = "address.conflict", since = before }
    return #conflicts >= 1 and conflicts[1].fields.address == "192.168.0.1"
  end)
  s:expect("pc1 keeps its address", first.address == "192.168.0.1")
  s:expect("pc2 is without one", second.address == nil)
  s:beat { en = "x", zh = "x" }
  s:wait("1s")
end)
