-- Several objects in one letter (rows M18, M25): text, its HTML, a picture and a document, nested as a tree, in a single DATA.
local s = scenario {
  title = { en = "One letter, many parts", zh = "一封信，多个部分" },
  about = {
    en = "SMTP sends all objects in one message: multipart. A boundary line separates the parts; parts can hold parts.",
    zh = "SMTP 把所有对象放在一个报文里：multipart。用边界行分隔各部分；部分里还可以有部分。",
  },
  seed = 252,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }

local picture = "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"

-- The tree of parts as "type(child child)".
local function tree(entity)
  local header, body = entity:match("^(.-\r\n)\r\n(.*)$")
  if not header then header, body = "", entity end
  local kind = header:match("Content%-Type: ([%w%-]+/[%w%-]+)") or "text/plain"
  if kind:sub(1, 10) ~= "multipart/" then return kind end
  local mark = "--" .. header:match('boundary="?([^"\r\n;]+)')
  local children = {}
  local at = body:find(mark, 1, true)
  while at do
    local from = body:find("\r\n", at, true) + 2
    local next_at = body:find(mark, from, true)
    if not next_at then break end
    children[#children + 1] = tree(body:sub(from, next_at - 3))
    at = next_at
    if body:sub(at + #mark, at + #mark + 1) == "--" then break end
  end
  return kind .. "(" .. table.concat(children, " ") .. ")"
end

s:script(function()
  alice:boot { quiet = true } hamburger:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "Composed", zh = "撰写" }
  s:beat {
    en = "Alice writes a letter with formatting, a picture and a document. The user agent makes a tree of parts.",
    zh = "Alice 写了一封带格式、图片和文档的信。用户代理把它做成一棵由部分组成的树。",
  }
  alice:mail {
    from = "Alice <alice@crepes.fr>", to = "bob@hamburger.edu", subject = "The menu",
    text = "Today: ketchup.\n", html = "<p>Today: <b>ketchup</b>.</p>\n",
    attachments = {
      { type = "image/gif", name = "menu.gif", description = "The menu", content_id = "menu@crepes.fr", inline = true, octets = picture },
      { type = "application/postscript", name = "prices.ps", text = "%!PS\n(Ketchup: 2) show\n" },
    },
  }
  s:wait_message { proto = "smtp", name = "DATA", from = alice, within = "10s" }
  s:phase { en = "Carried", zh = "传送" }
  s:beat {
    en = "One MAIL, one RCPT, one DATA: all objects travel in one message. (HTTP fetches each object by itself.)",
    zh = "一次 MAIL、一次 RCPT、一次 DATA：所有对象在同一个报文里。（HTTP 则每个对象各取一次。）",
  }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 1 end, "1m")
  s:wait("2s")
  s:phase { en = "Taken apart", zh = "拆开" }
  local got = s.trace:messages { proto = "smtp", name = "mail", received_by = hamburger }
  local shape = tree(got[1].text)
  s:say { en = "The tree: " .. shape, zh = "部分树：" .. shape }
  s:expect("one transaction carried all", function(trace)
    return #trace:messages { proto = "smtp", name = "DATA", from = alice } == 1 and #got == 1
  end)
  s:expect("mixed, with an alternative of two texts, a picture and a document", function()
    return shape == "multipart/mixed(multipart/alternative(text/plain text/html) image/gif application/postscript)", shape
  end)
  s:expect("names, description and Content-ID came along", function()
    for _, field in ipairs { "filename=menu.gif", "filename=prices.ps", "Content-Description: The menu", "Content-ID: <menu@crepes.fr>", "inline", "attachment" } do
      if not got[1].text:gsub('"', ""):find(field, 1, true) then return false, "lacks " .. field end
    end
    return true
  end)
end)
