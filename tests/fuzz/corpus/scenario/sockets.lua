local s = scenario { title = 'x' }
local lan = s:lan { name = 'lan1', prefix = '192.168.1.0/24' }
local a = s:host { name = 'a', on = lan, address = '192.168.1.11', probe = false }
local b = s:host { name = 'b', on = lan, address = '192.168.1.12', probe = false }
local echo = a:udp(5000)
echo:on_datagram(function(d) s:wait('1s') echo:send { to = d.from, port = d.from_port, text = d.text:upper() .. '\0' } end)
s:script(function()
  a:boot() b:boot()
  local c = b:udp(6000)
  c:on_datagram(function(d) s:say(d.from .. d.from_port .. #d.text) c:close() end)
  c:send { to = a, port = 5000, text = 'hello' }
  s:after('2s', function() a:crash() end)
  s:wait_until(function(trace) return #trace:messages { proto = 'udp', since = 1, before = 9 } > 1 end, '5s')
  b:send { to = '255.255.255.255', port = 67, octets = '0101', count = 2, every = '1s' }
  s:wait(3)
end)
