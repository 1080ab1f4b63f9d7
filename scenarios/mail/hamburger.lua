-- The dialogue of the textbook, byte for byte (row M15): Alice writes to Bob, and her server hands the letter to his.
local s = scenario {
  title = { en = "Do you like ketchup?", zh = "喜欢番茄酱吗？" },
  about = {
    en = "One SMTP dialogue between crepes.fr and hamburger.edu, exactly as the textbook prints it.",
    zh = "crepes.fr 与 hamburger.edu 之间的一次 SMTP 对话，与教材所印一字不差。",
  },
  seed = 15,
}

local lan = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = lan, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
} }
local crepes = s:host { name = "crepes", on = lan, address = "198.51.100.10", dns = { "198.51.100.53" } }
crepes:mail_server { name = "crepes.fr", mailboxes = { "alice" }, ehlo = false, space_after_colon = true }
local hamburger = s:host { name = "hamburger", on = lan, address = "198.51.100.25", dns = { "198.51.100.53" } }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }

s:script(function()
  dns:boot { quiet = true } crepes:boot { quiet = true } hamburger:boot { quiet = true }
  s:wait("1s")
  crepes:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", raw = "Do you like ketchup?\nHow about pickles?\n",
    envelope = { from = "alice@crepes.fr", to = "bob@hamburger.edu" } }
  s:wait("10s")
  s:expect("the dialogue is the textbook's, word for word", function(trace)
    local said = {}
    for _, m in ipairs(trace:messages { proto = "smtp" }) do said[#said + 1] = m.text:gsub("\r\n$", "") end
    return table.concat(said, "\n") == table.concat({
      "220 hamburger.edu",
      "HELO crepes.fr",
      "250 Hello crepes.fr, pleased to meet you",
      "MAIL FROM: <alice@crepes.fr>",
      "250 alice@crepes.fr... Sender ok",
      "RCPT TO: <bob@hamburger.edu>",
      "250 bob@hamburger.edu ... Recipient ok",
      "DATA",
      "354 Enter mail, end with \".\" on a line by itself",
      "Do you like ketchup?\r\nHow about pickles?",
      "250 Message accepted for delivery",
      "QUIT",
      "221 hamburger.edu closing connection",
    }, "\n")
  end)
end)
