-- Addresses (row M7): mailbox-name@domain. The domain is unique in the world, the name within its domain.
local s = scenario {
  title = { en = "Bob here, Bob there", zh = "这里的 Bob，那里的 Bob" },
  about = {
    en = "bob@hamburger.edu and bob@noodles.cn are two people. And what is no address is refused: 501, 553.",
    zh = "bob@hamburger.edu 和 bob@noodles.cn 是两个人。不是地址的，用 501、553 拒绝。",
  },
  seed = 7,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
  ["noodles.cn"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.86" } } },
} }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "crepes.fr", mailboxes = { "alice" } }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob", "o'brien" } }
local noodles = s:host { name = "noodles", on = net, address = "198.51.100.86" }
noodles:mail_server { name = "noodles.cn", mailboxes = { "bob" } }

s:script(function()
  for _, host in ipairs { dns, crepes, hamburger, noodles } do host:boot { quiet = true } end
  s:wait("1s")
  s:phase { en = "The same name, two domains", zh = "同名不同域" }
  s:beat {
    en = "One letter to bob@hamburger.edu, another to bob@noodles.cn. The part behind the @ decides where it goes.",
    zh = "一封寄给 bob@hamburger.edu，一封寄给 bob@noodles.cn。@ 后面的部分决定去哪里。",
  }
  crepes:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Ketchup", text = "For the one Bob.\n" }
  crepes:mail { from = "alice@crepes.fr", to = "bob@noodles.cn", subject = "Noodles", text = "For the other Bob.\n" }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered" } == 2 end, "1m")
  s:wait("2s")
  s:expect("each Bob gets his own letter", function(trace)
    local function subject(host)
      local got = trace:messages { proto = "smtp", name = "mail", received_by = host }
      return #got == 1 and got[1].text:match("Subject: (%a+)")
    end
    return subject(hamburger) == "Ketchup" and subject(noodles) == "Noodles"
  end)
  s:expect("the domain was looked up, never the name before the @", function(trace)
    local asked = {}
    for _, m in ipairs(trace:messages { proto = "dns", name = "query MX", received_by = dns }) do asked[#asked + 1] = m.fields.qname end
    table.sort(asked)
    local list = table.concat(asked, " ")
    return list == "hamburger.edu noodles.cn", list
  end)

  s:phase { en = "What is no address", zh = "不是地址的地址" }
  local line = crepes:connect { to = hamburger, port = 25 }
  line:wait()
  line:read()
  local function enter(text, code)
    line:say(text)
    local reply = line:read()
    s:expect(("%s for: %s"):format(code, text), function()
      return reply ~= nil and reply.name == code, reply and reply.text:gsub("%s+", " ") or "no answer"
    end)
  end
  enter("HELO crepes.fr", "250")
  s:beat { en = "Without FROM: the syntax of the argument is wrong, 501.", zh = "没有 FROM:：参数的语法不对，501。" }
  enter("MAIL <alice@crepes.fr>", "501")
  s:beat { en = "Without brackets, or with half of them: 501, too.", zh = "没有尖括号，或只有一半：也是 501。" }
  enter("MAIL FROM:<alice@crepes.fr", "501")
  enter("MAIL FROM:<alice@crepes.fr>", "250")
  s:beat { en = "An address must have a name, an @ and a domain: 553, that can't be a mailbox.", zh = "地址要有邮箱名、@ 和域名：553，这不可能是邮箱。" }
  enter("RCPT TO:<bob>", "553")
  enter("RCPT TO:<@hamburger.edu>", "553")
  enter("RCPT TO:<bob@>", "553")
  enter("RCPT TO:<bob bobson@hamburger.edu>", "553")
  s:beat { en = "Odd, but allowed: an apostrophe; or a name in quotation marks, with a space.", zh = "少见但允许：带撇号；或放在引号里、带空格的名字。" }
  enter("RCPT TO:<o'brien@hamburger.edu>", "250")
  enter("RCPT TO:<\"bob bobson\"@hamburger.edu>", "550")
  s:beat { en = "A sound address of nobody: 550. 553 is about the form, 550 about the person.", zh = "形式正确但没有这个人：550。553 说的是形式，550 说的是人。" }
  enter("RCPT TO:<rob@hamburger.edu>", "550")
  enter("QUIT", "221")
  line:close()
  s:wait("3s")
end)
