-- MIME (rows M22, M23): the same letter three times: as Alice wrote it, as MIME made it, as SMTP carried it. SMTP itself has not changed.
local s = scenario {
  title = { en = "A letter in Chinese", zh = "一封中文信" },
  about = {
    en = "SMTP carries seven bits and lines of English. MIME sits above it and turns Chinese text and a file into such lines.",
    zh = "SMTP 只会传 7 位的英文行。MIME 在它之上，把中文和文件变成这样的行。SMTP 不用改。",
  },
  seed = 22,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" }, extensions = { "SIZE" } } -- no 8BITMIME

local subject = "午饭"
local text = "你喜欢番茄酱吗？\n腌黄瓜呢？\n"
local picture = "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b" -- the smallest GIF

-- ---- MIME by hand, to check the machine's --------------------------------------------------------------------------
local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function base64_decode(encoded)
  local bits, count, out = 0, 0, {}
  for c in encoded:gmatch("[%w%+/]") do
    bits = (bits << 6 | (digits:find(c, 1, true) - 1)) & 0xffffff
    count = count + 6
    if count >= 8 then
      count = count - 8
      out[#out + 1] = string.char(bits >> count & 255)
    end
  end
  return table.concat(out)
end
-- The parts between the boundary lines.
local function parts_of(letter)
  local boundary = letter:match('boundary="([^"]+)"') or letter:match("boundary=([^%s;]+)")
  local parts, at = {}, letter:find("--" .. boundary, 1, true)
  while at do
    local next_at = letter:find("--" .. boundary, at + 2, true)
    if not next_at then break end
    parts[#parts + 1] = letter:sub(at + 4 + #boundary, next_at - 1)
    at = next_at
  end
  return parts
end
local function content_of(part) return part:match("\r\n\r\n(.*)$") end
local function octets_sent(trace, host)
  local pieces = {}
  for _, m in ipairs(trace:messages { proto = "tcp", from = host }) do
    if m.fields.data then
      pieces[#pieces + 1] = m.fields.data:gsub("(%x%x):?", function(pair) return string.char(tonumber(pair, 16)) end)
    end
  end
  return table.concat(pieces)
end

s:script(function()
  alice:boot { quiet = true } hamburger:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "As she wrote it", zh = "用户写的样子" }
  s:say { en = "Subject: " .. subject .. " / " .. text:gsub("\n", " "), zh = "Subject: " .. subject .. " / " .. text:gsub("\n", " ") }
  s:beat {
    en = "Chinese in the subject and in the text, and a picture. In UTF-8 nearly every octet is above 127: SMTP can't carry this.",
    zh = "主题和正文是中文，还有一张图。UTF-8 的字节几乎都大于 127：SMTP 传不了。",
  }
  s:phase { en = "As MIME makes it", zh = "MIME 处理后的样子" }
  s:beat {
    en = "Five header fields: MIME-Version, Content-Type, Content-Transfer-Encoding, Content-ID, Content-Description.",
    zh = "五个首部字段：MIME-Version、Content-Type、Content-Transfer-Encoding、Content-ID、Content-Description。",
  }
  alice:mail {
    from = "Alice <alice@crepes.fr>", to = "bob@hamburger.edu", subject = subject, text = text,
    attachments = { { type = "image/gif", name = "菜单.gif", description = "Today's menu", content_id = "menu@crepes.fr", octets = picture } },
  }
  s:wait_message { proto = "smtp", name = "354", received_by = alice, within = "10s" }
  s:phase { en = "As SMTP carries it", zh = "SMTP 传送的样子" }
  s:beat {
    en = "MAIL, RCPT, DATA as ever: SMTP does not know of MIME. It sees lines of ASCII, and a dot at the end.",
    zh = "照旧 MAIL、RCPT、DATA：SMTP 不知道 MIME。它看到的只是 ASCII 行，最后一个点。",
  }
  s:wait("3s")
  local got = s.trace:messages { proto = "smtp", name = "mail", received_by = hamburger }
  local letter = got[1].text
  s:expect("all five header fields are there", function()
    for _, name in ipairs { "MIME-Version: 1.0", "Content-Type: ", "Content-Transfer-Encoding: ", "Content-ID: <menu@crepes.fr>", "Content-Description: Today's menu" } do
      if not letter:find("\r\n" .. name, 1, true) then return false, "no " .. name end
    end
    return true
  end)
  s:expect("not one octet above 127, no line over 78 characters", function()
    for line in letter:gmatch("([^\r\n]*)\r\n") do
      if #line > 78 or line:find("[\128-\255]") then return false, line end
    end
    return true
  end)
  s:expect("the subject is an encoded word: undone, it is what Alice wrote", function()
    local word = letter:match("Subject: =%?UTF%-8%?B%?([%w%+/=]+)%?=")
    return word ~= nil and base64_decode(word) == subject, word
  end)
  s:expect("text and picture, decoded, are what Alice sent, octet for octet", function()
    local parts = parts_of(letter)
    if #parts ~= 2 then return false, #parts .. " parts" end
    local octets = base64_decode(content_of(parts[2])):gsub(".", function(c) return ("%02x"):format(c:byte()) end)
    return base64_decode(content_of(parts[1])) == text:gsub("\n", "\r\n") and octets == picture
  end)
  s:expect("what SMTP carried is the same lines again, with a dot at the end", function(trace)
    return octets_sent(trace, alice):find(letter .. ".\r\n", 1, true) ~= nil
  end)
  s:expect("and it lies in Bob's mailbox", function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 1 end)

  s:phase { en = "Plain English", zh = "普通英文" }
  s:beat {
    en = "A letter in plain English needs none of this: no MIME-Version, nothing added.",
    zh = "普通英文信不需要这些：没有 MIME-Version，什么也不加。",
  }
  alice:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Lunch", text = "Do you like ketchup?\n" }
  s:wait("5s")
  s:expect("without need, no MIME field", function(trace)
    local letters = trace:messages { proto = "smtp", name = "mail", received_by = hamburger }
    return #letters == 2 and not letters[2].text:find("MIME", 1, true) and not letters[2].text:find("Content-", 1, true)
  end)
end)
