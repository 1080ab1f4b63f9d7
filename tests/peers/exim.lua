-- For the test with a real mail server: what our server sends to real.example leaves the LAN by a TAP interface.
local s = scenario { title = { en = "A real mail server", zh = "真实邮件服务器" }, ends = "3600s", seed = 26 }
local lan = s:lan { name = "lan1", prefix = "10.77.8.0/24", latency = "100us" }
local dns = s:host { name = "dns", on = lan, address = "10.77.8.53" }
dns:dns_server { zones = { ["real.example"] = { records = { { "@", "MX", 10, "mx" }, { "mx", "A", "10.77.8.1" } } } } }
local mail = s:host { name = "mail", on = lan, address = "10.77.8.25", dns = { "10.77.8.53" } }
mail:mail_server { name = "ours.example", mailboxes = { "alice" }, retry = "3s" }
local pc = s:host { name = "pc", on = lan, address = "10.77.8.99", dns = { "10.77.8.53" } }

s:script(function()
  dns:boot { quiet = true } mail:boot { quiet = true } pc:boot { quiet = true }
  s:wait("4s")
  -- Several recipients: one taken, one refused for good, one put off and taken at the second attempt.
  mail:mail {
    from = "alice@ours.example", to = { "bob@real.example", "nobody@real.example", "later@real.example" },
    subject = "Grüße 你好", text = "Do you like ketchup?\n.\n..dots\nHow about pickles?\n",
    attachments = { { type = "image/gif", name = "smile.gif", octets = "47494638396101000100800000000000ffffff2c00000000010001000002024401003b" } },
  }
  -- A second one, with 8-bit content and a long body.
  mail:mail { from = "alice@ours.example", to = "bob@real.example", subject = "eight bits", text = ("汉堡包 "):rep(3000), eight_bit = true }
  s:wait("3600s")
end)
