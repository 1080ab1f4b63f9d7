-- Reply-To (row M14): the header fields To, Subject, Cc, From, Date, Reply-To; and where an answer goes.
local s = scenario {
  title = { en = "Please answer there", zh = "请回复到那里" },
  about = {
    en = "Alice writes from her desk, and wants the answer at her restaurant: From says who wrote, Reply-To where to answer.",
    zh = "Alice 在办公桌前写信，希望回信寄到餐馆：From 说明谁写的，Reply-To 说明回到哪里。",
  },
  seed = 14,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["crepes.fr"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.10" } } },
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
} }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.10" }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "mail.crepes.fr", domains = "crepes.fr", mailboxes = { "alice", "restaurant" }, trusted = "198.51.100.101" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25", dns = "198.51.100.53" }
hamburger:mail_server { name = "mail.hamburger.edu", domains = "hamburger.edu", mailboxes = { "bob" }, trusted = "198.51.100.102" }
local bob = s:host { name = "bob-pc", on = net, address = "198.51.100.102" }
bob:mail_agent { address = "bob@hamburger.edu", server = "198.51.100.25" }

-- A header field of a letter; nil if it has none.
local function field(letter, name)
  local header = "\r\n" .. letter:match("^(.-\r\n)\r\n")
  return header:match("\r\n" .. name:gsub("%-", "%%-") .. ": ([^\r]*)")
end

s:script(function()
  for _, host in ipairs { dns, alice, crepes, hamburger, bob } do host:boot { quiet = true } end
  s:wait("1s")
  s:phase { en = "The letter", zh = "来信" }
  s:beat {
    en = "Alice fills in To, Subject and Reply-To; From and Date her user agent knows.",
    zh = "Alice 填写 To、Subject 和 Reply-To；From 和 Date 由用户代理填好。",
  }
  alice:mail {
    from = "Alice <alice@crepes.fr>", reply_to = "restaurant@crepes.fr", to = "bob@hamburger.edu",
    subject = "A table for two?", text = "When would you come?\n",
  }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 1 end, "1m")
  s:wait("2s")
  local letters = s.trace:messages { proto = "smtp", name = "mail", received_by = hamburger }
  local letter = letters[1].text
  s:expect("the header has From, Reply-To, To, Subject and Date", function()
    for _, name in ipairs { "From", "Reply-To", "To", "Subject", "Date", "Message-ID" } do
      if not field(letter, name) then return false, "no " .. name end
    end
    return field(letter, "From") == "Alice <alice@crepes.fr>" and field(letter, "Date"):find("2026", 1, true) ~= nil
  end)

  s:phase { en = "The answer", zh = "回信" }
  s:beat {
    en = "Bob answers. His user agent looks for Reply-To; only if there is none would it take From.",
    zh = "Bob 回信。用户代理先看 Reply-To；没有时才用 From。",
  }
  -- What a user agent does when somebody clicks "reply". (Bob fetches his mail by POP3 or IMAP: other scenarios.)
  local to = field(letter, "Reply-To") or field(letter, "From")
  bob:mail {
    from = "Bob <bob@hamburger.edu>", to = to, subject = "Re: " .. field(letter, "Subject"),
    in_reply_to = field(letter, "Message-ID"), references = field(letter, "Message-ID"), text = "At eight.\n",
  }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = crepes } == 1 end, "1m")
  s:beat {
    en = "It lies in the restaurant's mailbox, not in Alice's. In-Reply-To names the letter it answers.",
    zh = "回信进了餐馆的邮箱，不是 Alice 的。In-Reply-To 写明回的是哪封信。",
  }
  s:wait("2s")
  s:expect("the answer goes to Reply-To", function(trace)
    local delivered = trace:facts { name = "mail.delivered", host = crepes }
    return #delivered == 1 and delivered[1].fields.mailbox == "restaurant", delivered[1] and delivered[1].fields.mailbox
  end)
  s:expect("it says which letter it answers", function(trace)
    local got = trace:messages { proto = "smtp", name = "mail", received_by = crepes }
    local answer = got[#got].text
    return field(answer, "Subject") == "Re: A table for two?" and field(answer, "In-Reply-To") == field(letter, "Message-ID")
  end)
end)
