-- For the tests with real POP3 clients: one mail server with mailboxes to read.
local s = scenario { title = { en = "Real clients fetch their mail", zh = "真实客户端取信" }, ends = "3600s", seed = 110 }
local lan = s:lan { name = "internet", prefix = "10.77.9.0/24", latency = "100us", bandwidth = 1000000000 }
local mail = s:host { name = "mail", on = lan, address = "10.77.9.25" }
mail:mail_server {
  name = "hamburger.edu", mailboxes = { "bob", "carol", "dave" }, users = { bob = "pickle", carol = "lettuce and onion", dave = "sesame" },
  size_limit = 20000000, connections_limit = 2000,
}
mail:pop3_server { idle = "45s", connections_limit = 2000 }
s:script(function()
  mail:boot { quiet = true }
  s:wait("3600s")
end)
