-- Push and pull (row M18): SMTP pushes to the server, HTTP pulls from it. Both are commands and replies in ASCII over TCP; one carries all
-- objects in one message, the other an object for each reply.
local s = scenario {
  title = { en = "Push and pull", zh = "推与拉" },
  about = {
    en = "The same text and two pictures: Alice mails them to Bob (SMTP, push), and Bob fetches them from her page (HTTP, pull).",
    zh = "同样的文字和两张图：Alice 用邮件发给 Bob（SMTP，推）；Bob 从她的网页取（HTTP，拉）。",
  },
  seed = 18,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
local web = s:host { name = "web", on = net, address = "198.51.100.80" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
local bob = s:host { name = "bob-pc", on = net, address = "198.51.100.102" }

local words = "<p>Today: ketchup and pickles.</p>\n"
local red = "47494638396101000100800000ff0000ffffff21f90401000000002c00000000010001000002024401003b"
local green = "4749463839610100010080000000ff00ffffff21f90401000000002c00000000010001000002024401003b"

alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }
web:http_server { pages = {
  ["/"] = words,
  ["/ketchup.gif"] = { type = "image/gif", octets = red },
  ["/pickles.gif"] = { type = "image/gif", octets = green },
} }

local function count(trace, query) return #trace:messages(query) end

s:script(function()
  for _, host in ipairs { alice, web, hamburger, bob } do host:boot { quiet = true } end
  s:wait("1s")

  s:phase { en = "SMTP: push", zh = "SMTP：推" }
  s:beat {
    en = "The sender opens the connection and pushes the message to the server. Bob need not have asked for it.",
    zh = "发送方建立连接，把邮件推给服务器。Bob 并没有请求。",
  }
  alice:mail {
    from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "The menu", html = words,
    attachments = { { type = "image/gif", name = "ketchup.gif", octets = red }, { type = "image/gif", name = "pickles.gif", octets = green } },
  }
  s:wait_message { proto = "smtp", name = "354", received_by = alice, within = "10s" }
  s:beat {
    en = "Three objects in one message: multipart/mixed, all made of 7-bit ASCII lines.",
    zh = "三个对象放在一个报文里：multipart/mixed，全部变成 7 位 ASCII 行。",
  }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 1 end, "1m")
  s:wait("3s")

  s:phase { en = "HTTP: pull", zh = "HTTP：拉" }
  s:beat {
    en = "Now the receiver opens the connection and pulls: GET. The server only answers.",
    zh = "现在由接收方建立连接，拉取：GET。服务器只作应答。",
  }
  bob:http_get { to = web, paths = { "/", "/ketchup.gif", "/pickles.gif" } }
  s:wait_message { proto = "http", name = "200", received_by = bob, within = "10s" }
  s:beat {
    en = "One object in each reply: the page first, then each picture with a GET of its own; the octets as they are, all eight bits.",
    zh = "每个应答一个对象：先是网页，再为每张图各发一个 GET；字节原样传送，八位都用。",
  }
  s:wait_until(function(trace) return #trace:facts { name = "http.fetched", host = bob } == 3 end, "1m")
  s:wait("3s")

  s:expect("SMTP: the one with the content connects, and one DATA carries three objects", function(trace)
    local opened = trace:messages { proto = "tcp", name = "SYN", from = alice }
    local content = trace:messages { proto = "smtp", name = "mail", from = alice }
    local _, objects = content[1].text:gsub("\r\nContent%-Type: [ti]", "")
    return #opened == 1 and opened[1].fields.destination_port == 25 and #content == 1 and objects == 3, objects .. " objects"
  end)
  s:expect("HTTP: the one without connects, and asks three times for three objects", function(trace)
    local opened = trace:messages { proto = "tcp", name = "SYN", from = bob }
    return #opened == 1 and opened[1].fields.destination_port == 80 and count(trace, { proto = "http", name = "GET", from = bob }) == 3
      and count(trace, { proto = "http", name = "200", from = web }) == 3
  end)
  s:expect("nobody connects to Alice, and the web server connects to nobody", function(trace)
    return count(trace, { proto = "tcp", name = "SYN", from = web }) == 0 and count(trace, { proto = "tcp", name = "SYN", received_by = alice }) == 0
  end)
  s:expect("HTTP carries eight bits, SMTP seven", function(trace)
    local function high(host)
      for _, m in ipairs(trace:messages { proto = "tcp", from = host }) do
        for pair in (m.fields.data or ""):gmatch("%x%x") do
          if tonumber(pair, 16) > 127 then return true end
        end
      end
      return false
    end
    return high(web) and not high(alice)
  end)
  s:say {
    en = "Both: commands and replies in ASCII, three-digit codes, header, empty line, body.",
    zh = "相同之处：ASCII 的命令和应答、三位数字代码、首部、空行、主体。",
  }
end)
