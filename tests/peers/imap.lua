-- For the tests with real IMAP clients: one mail server with mailboxes to read.
local s = scenario { title = { en = "Real clients read their mail", zh = "真实客户端收信" }, ends = "3600s", seed = 26 }
local lan = s:lan { name = "internet", prefix = "10.77.9.0/24", latency = "100us", bandwidth = 1000000000 }
local mail = s:host { name = "mail", on = lan, address = "10.77.9.25" }
mail:mail_server {
  name = "hamburger.edu", mailboxes = { bob = {}, carol = {}, small = { quota = 3000 } },
  users = { bob = "pickle", carol = "lettuce", small = "onion" }, size_limit = 20000000, connections_limit = 2000,
}
mail:imap_server {
  folders = { Sent = "sent", Drafts = "drafts", Trash = "trash", ["Work/2026"] = "" },
  size_limit = 20000000, connections_limit = 2000, delayed_ack = "0s", login_idle = "30s",
}
-- One without folders of its own, to be held against another program's.
local plain = s:host { name = "plain", on = lan, address = "10.77.9.26" }
plain:mail_server { name = "plain.example", mailboxes = { bob = {} }, users = { bob = "pickle" }, size_limit = 20000000 }
plain:imap_server { size_limit = 20000000, delayed_ack = "0s" }
s:script(function()
  mail:boot { quiet = true }
  plain:boot { quiet = true }
  s:wait("3600s")
end)
