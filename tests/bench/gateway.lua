-- For bench_smtp: a mail server with nothing between it and the gateway but the least of wires.
local s = scenario { title = { en = "SMTP at the gateway", zh = "网关上的 SMTP" }, ends = "3600s" }
local lan = s:lan { name = "lan", prefix = "10.0.0.0/24", latency = "0s", bandwidth = 10000000000 }
local mail = s:host { name = "mail", on = lan, address = "10.0.0.25" }
mail:mail_server { name = "hamburger.edu", mailboxes = { "bob" }, users = { bob = "ketchup" }, disk_latency = "0s", nagle = false, delayed_ack = "0s" }
mail:pop3_server {}
mail:imap_server {}
s:script(function() mail:boot { quiet = true } s:wait("3600s") end)
