local s = scenario { title = 'x' }
local lan = s:lan { name = 'lan1', prefix = '192.168.1.0/24' }
local srv = s:host { name = 'dhcp1', on = lan, address = '192.168.1.1' }
local pc = s:host { name = 'pc1', on = lan }
s:host { name = 'y',
  address = '192.168.1.7' }
