-- For the test with a real POP3 server beyond a TAP interface: our clients fetch from it, each user in another way.
local s = scenario { title = { en = "A real POP3 server", zh = "真实 POP3 服务器" }, ends = "3600s", seed = 27 }
local lan = s:lan { name = "lan1", prefix = "10.77.8.0/24", latency = "100us" }
local function reader(name, number, fields)
  local host = s:host { name = name, on = lan, address = "10.77.8." .. number }
  fields.server, fields.password, fields.retry = "10.77.8.1", "ketchup", "2s"
  host:pop3_client(fields)
  return host
end
local keep = reader("keep", 11, { user = "keep" })
local again = reader("again", 12, { user = "keep", apop = false })
local delete = reader("delete", 13, { user = "delete", mode = "delete" })
local headers = reader("headers", 14, { user = "headers", mode = "headers", retrieve_limit = 5000 })
local wrong = reader("wrong", 15, { user = "wrong", apop = false })

s:script(function()
  for _, host in ipairs { keep, again, delete, headers, wrong } do host:boot { quiet = true } end
  s:wait("4s")
  keep:check_mail()
  again:check_mail() -- at the same time, and the same maildrop: the server lets one of them wait
  delete:check_mail()
  headers:check_mail()
  wrong:check_mail()
  s:wait_until(function(trace) return #trace:facts { name = "pop3.done" } == 4 end, "60s")
  s:wait("1s")
  keep:check_mail()
  delete:check_mail()
  s:wait("3600s")
end)
