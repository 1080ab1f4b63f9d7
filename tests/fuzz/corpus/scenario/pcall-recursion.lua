local s = scenario { title = 'x' }
local lan = s:lan { name = 'lan1', prefix = '192.168.1.0/24' }
local srv = s:host { name = 'dhcp1', on= 'pc1', on = lan }
local function f() while true do pcall(f) end end f()
