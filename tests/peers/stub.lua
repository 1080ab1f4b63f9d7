-- Our stub resolver, for a real name server behind a TAP interface.
local s = scenario { title = { en = "A stub for a real name server", zh = "向真实域名服务器查询的主机" }, seed = 1 }
local lan = s:lan { name = "lan1", prefix = "10.77.6.0/24", latency = "0ms" }
local pc = s:host { name = "pc1", on = lan, address = "10.77.6.2", dns = "10.77.6.1", probe = false }
s:script(function()
  pc:boot { quiet = true }
  s:wait("3s")
  local function answered(name, type, fact, field, value)
    local before = s.now
    pc:lookup(name, { type = type })
    s:wait("400ms")
    s:expect(type .. " " .. name .. " is " .. value, function(trace)
      local facts = trace:facts { name = fact, host = pc, since = before }
      return #facts == 1 and facts[1].fields[field] == value, #facts == 1 and tostring(facts[1].fields[field]) or "no such fact"
    end)
  end
  answered("mail.hamburger.edu", "A", "dns.resolved", "address", "192.0.2.25")
  answered("www.hamburger.edu", "A", "dns.resolved", "address", "192.0.2.25")
  answered("hamburger.edu", "MX", "dns.answered", "data", "10 mail.hamburger.edu")
  answered("hamburger.edu", "TXT", "dns.answered", "data", "\"v=spf1 mx -all\"")
  answered("192.0.2.25", "PTR", "dns.answered", "data", "mail.hamburger.edu")
  answered("no.hamburger.edu", "A", "dns.failed", "reason", "dns.name_error")
  answered("mail.hamburger.edu", "MX", "dns.failed", "reason", "dns.no_data")
  answered("elsewhere.org", "A", "dns.failed", "reason", "dns.server_failure")
  answered("many.hamburger.edu", "A", "dns.resolved", "cached", 0)
  s:say { en = "done", zh = "完" }
end)
