-- base64 by hand (row M24): three octets are 24 bits, and 24 bits are four groups of six; each group is a letter of the alphabet.
local s = scenario {
  title = { en = "Base64, bit by bit", zh = "逐比特做 base64" },
  about = {
    en = "The script encodes Chinese text before your eyes, 3×8 → 4×6, sends it by hand; then the user agent must find the same.",
    zh = "脚本在你眼前编码中文，3×8 → 4×6，手工发出；再看用户代理得到的结果是否相同。",
  },
  seed = 24,
}

local text = s:setting { name = "text", default = "你好，鲍勃！", en = "what is encoded", zh = "要编码的文字" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local server = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
server:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }
local pc = s:host { name = "pc", on = net, address = "198.51.100.77" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }

-- ---- The encoding ------------------------------------------------------------------------------------------------
local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function bits_of(number, size)
  local bits = {}
  for i = size - 1, 0, -1 do bits[#bits + 1] = tostring(number >> i & 1) end
  return table.concat(bits)
end
-- Up to three octets; gives four characters, and how they came about.
local function group(octets)
  local a, b, c = octets:byte(1, 3)
  local number = a << 16 | (b or 0) << 8 | (c or 0)
  local letters, sixes = {}, {}
  for i = 1, 4 do
    local six = number >> (24 - 6 * i) & 63
    local used = i <= #octets + 1
    letters[i] = used and alphabet:sub(six + 1, six + 1) or "="
    sixes[i] = used and bits_of(six, 6) or "------"
  end
  local eights, hex = {}, {}
  for i = 1, #octets do
    eights[i] = bits_of(octets:byte(i), 8)
    hex[i] = ("%02X"):format(octets:byte(i))
  end
  local encoded = table.concat(letters)
  return encoded, ("%s = %s → %s = %s"):format(table.concat(hex, " "), table.concat(eights, " "), table.concat(sixes, " "), encoded)
end
local function encode(octets)
  local groups = {}
  for i = 1, #octets, 3 do groups[#groups + 1] = group(octets:sub(i, i + 2)) end
  return table.concat(groups)
end

s:script(function()
  for _, host in ipairs { server, pc, alice } do host:boot { quiet = true } end
  s:wait("1s")
  s:phase { en = "Regrouping bits", zh = "比特重新分组" }
  s:beat {
    en = "Take three octets, 24 bits. Cut them into four groups of six. Six bits count from 0 to 63: A…Z a…z 0…9 + /.",
    zh = "取三个字节，共 24 位，切成四组，每组 6 位。6 位从 0 数到 63：A…Z a…z 0…9 + /。",
  }
  local encoded = {}
  for i = 1, #text, 3 do
    local letters, how = group(text:sub(i, i + 2))
    encoded[#encoded + 1] = letters
    if i <= 9 then
      s:say { en = how, zh = how .. "（第 " .. (i + 2) // 3 .. " 组）" }
      s:wait("1s")
    end
  end
  encoded = table.concat(encoded)
  s:say { en = "Together: " .. encoded, zh = "合起来：" .. encoded }
  s:expect("four characters for every three octets", #encoded == (#text + 2) // 3 * 4)
  s:beat {
    en = "If the last group has fewer than three octets, = stands for what is missing: one octet gives ==, two give =.",
    zh = "最后一组不足三个字节时用 = 补：剩一个字节补 ==，剩两个补 =。",
  }
  s:expect("the examples of RFC 4648, and the last two letters of the alphabet", function()
    for plain, wanted in pairs { f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", foobar = "Zm9vYmFy", ["\xfb\xff"] = "+/8=" } do
      if encode(plain) ~= wanted then return false, plain end
    end
    return true
  end)

  s:phase { en = "Sent by hand", zh = "手工发送" }
  s:beat {
    en = "Now typed into a letter: Content-Type says what it is, Content-Transfer-Encoding how it is wrapped.",
    zh = "把它键入信中：Content-Type 说明是什么，Content-Transfer-Encoding 说明怎样编码。",
  }
  local line = pc:connect { to = server, port = 25 }
  line:wait()
  line:read()
  for _, command in ipairs { "HELO crepes.fr", "MAIL FROM:<alice@crepes.fr>", "RCPT TO:<bob@hamburger.edu>", "DATA" } do
    line:say(command)
    line:read()
  end
  line:send("Subject: by hand\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n")
  line:send(encoded .. "\r\n")
  line:say(".")
  local reply = line:read()
  s:expect("the server takes it: seven bits, short lines", reply ~= nil and reply.name == "250")
  line:say("QUIT")
  line:read()
  line:close()
  s:wait("2s")

  s:phase { en = "The user agent's", zh = "用户代理的结果" }
  s:beat {
    en = "Alice's user agent sends the same text. Do the two agree?",
    zh = "Alice 的用户代理发同样的文字。两者一致吗？",
  }
  alice:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "by machine",
    attachments = { { type = "application/octet-stream", octets = (text:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) } } }
  s:wait("5s")
  s:expect("the machine encodes as we did", function(trace)
    local letters = trace:messages { proto = "smtp", name = "mail", received_by = server }
    local body = letters[2].text:match("\r\n\r\n(.*)$"):gsub("\r\n", "")
    return letters[2].text:find("Content-Transfer-Encoding: base64", 1, true) ~= nil and body == encoded, body
  end)
  s:expect("the price: a third more", function() return #encoded * 3 // 4 - #text < 3, #text .. " octets became " .. #encoded end)
end)
