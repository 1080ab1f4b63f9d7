-- For the tests with real mail clients: one mail server at the gateway, and one that delivers to the outside.
local s = scenario { title = { en = "Real clients at the door", zh = "真实客户端" }, ends = "3600s", seed = 25 }
local lan = s:lan { name = "internet", prefix = "10.77.9.0/24", latency = "100us", bandwidth = 1000000000 }
local mail = s:host { name = "mail", on = lan, address = "10.77.9.25" }
mail:mail_server {
  name = "hamburger.edu", mailboxes = { bob = {}, carol = {}, full = { quota = 10 } }, users = { alice = "ketchup" },
  ports = { 25, 587 }, size_limit = 20000000, idle = "20s", connections_limit = 2000,
}
s:script(function()
  mail:boot { quiet = true }
  s:wait("3600s")
end)
