-- STARTTLS, as a sealed pipe (row M26): the dialogue begins in the open; after STARTTLS both sides go on inside an encrypted pipe. What TLS
-- does is another course's subject: here both programs, written in this file, share a key from the start and scramble each line with it.
-- DEVIATION: a stand-in for TLS. No handshake, no certificate; the cipher is a toy. What an eavesdropper sees is what matters here.
local s = scenario {
  title = { en = "A sealed pipe", zh = "密封的管子" },
  about = {
    en = "After STARTTLS the same SMTP dialogue runs inside encryption: the eavesdropper sees that there is a conversation, not what is said.",
    zh = "STARTTLS 之后，同样的 SMTP 对话在加密中进行：窃听者看得到有人在对话，看不到说了什么。",
  },
  seed = 266,
}

local net = s:lan { name = "internet", kind = "hub", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
local server = s:host { name = "crepes", on = net, address = "198.51.100.10" }
local eve = s:host { name = "eve", on = net, address = "198.51.100.66" } -- on a hub: she hears every frame

-- ---- The pipe: each octet is changed by the next number of a sequence that only the key's owners know -----------------
local key = 20260907
local function pipe()
  local state = key
  return function(octets)
    return (octets:gsub(".", function(c)
      state = (state * 1103515245 + 12345) & 0x7fffffff
      return string.char(c:byte() ~ (state >> 16 & 255))
    end))
  end
end
-- Sealed octets travel as a line of hexadecimal digits.
local function seal(cipher, text) return (cipher(text):gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
local function unseal(cipher, line)
  return cipher((line:gsub("%s", ""):gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end)))
end

-- ---- The server --------------------------------------------------------------------------------------------------
local proof = "AGFsaWNlAHNlc2FtZQ==" -- base64 of NUL alice NUL sesame: RFC 4616
local heard = {} -- what the server understood
server:tcp(587, function(client)
  local inward, outward -- the two directions of the pipe; nil: in the open
  local function answer(text)
    client:send((outward and seal(outward, text) or text) .. "\r\n")
  end
  answer("220 crepes.fr")
  while client:wait("1m") do
    local line = client:read()
    if not line then break end
    local command = inward and unseal(inward, line.text) or line.text:gsub("\r\n", "")
    heard[#heard + 1] = command
    local verb = command:sub(1, 4):upper()
    if verb == "EHLO" then
      answer(inward and "250 crepes.fr, AUTH PLAIN" or "250 crepes.fr, STARTTLS")
    elseif command == "STARTTLS" then
      answer("220 go ahead")
      inward, outward = pipe(), pipe()
    elseif verb == "AUTH" then
      answer(not inward and "530 STARTTLS first" or command == "AUTH PLAIN " .. proof and "235 welcome" or "535 no")
    elseif verb == "QUIT" then
      answer("221 goodbye")
      client:close()
      break
    else
      answer("250 OK")
    end
  end
end)

-- All that passed on the wire, as octets.
local function on_the_wire(trace)
  local pieces = {}
  for _, host in ipairs { alice, server } do
    for _, m in ipairs(trace:messages { proto = "tcp", from = host }) do
      if m.fields.data then
        pieces[#pieces + 1] = m.fields.data:gsub("(%x%x):?", function(pair) return string.char(tonumber(pair, 16)) end)
      end
    end
  end
  return table.concat(pieces)
end

s:script(function()
  for _, host in ipairs { alice, server, eve } do host:boot { quiet = true } end
  s:wait("1s")
  local line = alice:connect { to = server, port = 587 }
  line:wait()
  line:read()
  local inward, outward
  local function enter(text)
    line:say(outward and seal(outward, text) or text)
    local reply = line:read()
    return reply and (inward and unseal(inward, reply.text) or reply.text) or ""
  end

  s:phase { en = "In the open", zh = "明文" }
  s:beat { en = "Eve sits on the same hub and hears every frame. So far she can read it all: EHLO.", zh = "Eve 接在同一个集线器上，听得到每一帧。目前全看得懂：EHLO。" }
  local reply = enter("EHLO alice-pc.crepes.fr")
  s:expect("the server offers STARTTLS", reply:find("STARTTLS", 1, true) ~= nil)
  s:beat { en = "The password already? The server refuses: 530, STARTTLS first.", zh = "现在就给口令？服务器拒绝：530，先 STARTTLS。" }
  reply = enter("AUTH PLAIN AGFsaWNlADEyMzQ1")
  s:expect("no password in the open", reply:sub(1, 3) == "530", reply)
  s:beat { en = "STARTTLS: 220, go ahead. From here on both sides seal what they say.", zh = "STARTTLS：220，开始吧。从这里起双方都加密。" }
  reply = enter("STARTTLS")
  s:expect("220", reply:sub(1, 3) == "220", reply)
  inward, outward = pipe(), pipe()

  s:phase { en = "In the sealed pipe", zh = "密封的管子里" }
  s:beat { en = "EHLO again: what was said in the open does not count. Look at the segments: digits without meaning.", zh = "重新 EHLO：明文时说的不算数。看报文段：没有意义的数字。" }
  reply = enter("EHLO alice-pc.crepes.fr")
  s:expect("inside, the server answers as before", reply:sub(1, 3) == "250", reply)
  s:beat { en = "Now the password. The server understands it; Eve does not.", zh = "现在给口令。服务器看得懂，Eve 看不懂。" }
  reply = enter("AUTH PLAIN " .. proof)
  s:expect("235: the server has understood", reply:sub(1, 3) == "235", reply)
  enter("MAIL FROM:<alice@crepes.fr>")
  enter("RCPT TO:<bob@hamburger.edu>")
  reply = enter("QUIT")
  s:expect("221", reply:sub(1, 3) == "221", reply)
  line:close()
  s:wait("2s")

  s:phase { en = "What Eve has", zh = "Eve 得到了什么" }
  s:expect("the server heard the whole dialogue", function()
    local whole = table.concat(heard, "|")
    return whole:find("AUTH PLAIN " .. proof .. "|MAIL FROM:<alice@crepes.fr>|RCPT TO:<bob@hamburger.edu>|QUIT", 1, true) ~= nil, whole
  end)
  s:expect("on the wire: STARTTLS can be read, the password and Bob's name cannot", function(trace)
    local wire = on_the_wire(trace)
    return wire:find("STARTTLS", 1, true) ~= nil and not wire:find(proof, 1, true) and not wire:find("bob@", 1, true)
      and not wire:find("RCPT", 1, true)
  end)
  s:say {
    en = "Eve knows who spoke to whom, when and how much. The pipe hides the words, and it ends at the server: it is no envelope for the letter.",
    zh = "Eve 知道谁与谁、何时、说了多少。管子只藏住内容，而且到服务器为止：它不是信的信封。",
  }
  s:wait("1s")
end)
