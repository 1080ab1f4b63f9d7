-- quoted-printable by hand (row M24): ASCII stays as it is; every other octet, and =, becomes =XX. And the rule that picks an encoding.
local s = scenario {
  title = { en = "Quoted-printable, and which to take", zh = "quoted-printable 与选择的规则" },
  about = {
    en = "Three texts: English, French with a few accents, Chinese. Each encoding's size is counted; the shorter one wins.",
    zh = "三段文字：英文、带几个重音符号的法文、中文。数一数每种编码的大小，短的胜出。",
  },
  seed = 241,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local server = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
server:mail_server { name = "hamburger.edu", mailboxes = { "bob" }, extensions = {} }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }

local texts = {
  { name = "English", zh = "英文", text = "Do you like ketchup?", encoding = "7bit" },
  { name = "French", zh = "法文", text = "Une crêpe au beurre, c'est déjà bon : 1 + 1 = 2 fois meilleur.", encoding = "quoted-printable" },
  { name = "Chinese", zh = "中文", text = "你喜欢番茄酱吗？腌黄瓜呢？", encoding = "base64" },
}

-- ---- The encoding ------------------------------------------------------------------------------------------------
local function quoted_printable(text)
  return (text:gsub("[^ -<>-~]", function(c) return ("=%02X"):format(c:byte()) end))
end
local function base64_size(text) return (#text + 2) // 3 * 4 end
-- ASCII is left alone; else the shorter one.
local function rule(text)
  if not text:find("[\128-\255]") then return "7bit" end
  if #quoted_printable(text) <= base64_size(text) then return "quoted-printable" end
  return "base64"
end

s:script(function()
  server:boot { quiet = true } alice:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "By hand", zh = "手工编码" }
  s:beat {
    en = "é is C3 A9 in UTF-8: =C3=A9. The = itself becomes =3D. Everything else can still be read with the naked eye.",
    zh = "é 的 UTF-8 是 C3 A9：写成 =C3=A9。= 本身写成 =3D。其余的肉眼仍能读。",
  }
  s:expect("=C3=A9 and =3D", quoted_printable("é=e") == "=C3=A9=3De")
  for _, one in ipairs(texts) do
    local quoted, base64 = #quoted_printable(one.text), base64_size(one.text)
    s:say {
      en = ("%s: %d octets; quoted-printable %d, base64 %d → %s"):format(one.name, #one.text, quoted, base64, one.encoding),
      zh = ("%s：%d 字节；quoted-printable %d，base64 %d → %s"):format(one.zh, #one.text, quoted, base64, one.encoding),
    }
    s:wait("1s")
    s:expect(one.name .. ": the rule picks " .. one.encoding, rule(one.text) == one.encoding)
  end
  s:beat {
    en = "Mostly ASCII: quoted-printable. Mostly not: base64, 4 for 3, is shorter than =XX, 3 for 1. All ASCII: nothing at all.",
    zh = "大部分是 ASCII：quoted-printable。大部分不是：base64 是 4 比 3，比 =XX 的 3 比 1 短。全是 ASCII：不用编码。",
  }
  s:phase { en = "The user agent's choice", zh = "用户代理的选择" }
  for i, one in ipairs(texts) do
    s:beat { en = one.name .. ": what does the user agent take?", zh = one.zh .. "：用户代理选哪个？" }
    alice:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = one.name, text = one.text .. "\n" }
    s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = server } == i end, "1m")
  end
  s:wait("3s")
  s:expect("the user agent picks as the rule does", function(trace)
    local letters = trace:messages { proto = "smtp", name = "mail", received_by = server }
    for i, one in ipairs(texts) do
      local said = letters[i].text:match("Content%-Transfer%-Encoding: ([%w%-]+)") or "7bit"
      if said ~= one.encoding then return false, one.name .. " as " .. said end
    end
    return #letters == 3
  end)
  s:expect("its quoted-printable is ours, to the octet", function(trace)
    local letters = trace:messages { proto = "smtp", name = "mail", received_by = server }
    local body = letters[2].text:match("\r\n\r\n(.*)$"):gsub("=\r\n", "") -- soft line ends undone
    return body == quoted_printable(texts[2].text) .. "\r\n", body
  end)
end)
