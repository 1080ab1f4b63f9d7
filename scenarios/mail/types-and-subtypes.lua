-- Seven types, fifteen subtypes (row M25): a letter of each.
local s = scenario {
  title = { en = "Seven types, fifteen subtypes", zh = "七种类型，十五种子类型" },
  about = {
    en = "Content-Type: type/subtype. text, multipart, message, image, audio, video, application: Alice sends one of each.",
    zh = "Content-Type：类型/子类型。text、multipart、message、image、audio、video、application：Alice 各发一封。",
  },
  seed = 251,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }

local gif = "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
local jpeg = "ffd8ffe000104a46494600010100000100010000ffd9"
local letter = "From: carol@noodles.cn\r\nSubject: noodles\r\n\r\nCome and eat.\r\n"
local function plain(text) return { type = "text/plain", text = text } end
local function image() return { type = "image/gif", octets = gif } end
local function message(text) return { type = "message/rfc822", text = text } end

-- Each letter: its type, what there is to say about it, and what the user put in.
local letters = {
  { "text/plain", "plain words", "普通文字", { text = "Do you like ketchup?\n" } },
  { "text/richtext", "words with simple markup", "带简单标记的文字", { attachments = { { type = "text/richtext", text = "<bold>Ketchup!</bold>\n" } } } },
  { "multipart/mixed", "several parts, one after the other", "几个部分，依次排列", { text = "See the menu.\n", attachments = { image() } } },
  { "multipart/alternative", "the same thing in several forms: the reader takes the best", "同一内容的几种形式：选最好的显示",
    { text = "Ketchup!\n", html = "<b>Ketchup!</b>\n" } },
  { "multipart/parallel", "parts to be shown at the same time", "要同时显示的部分",
    { multipart = "parallel", attachments = { image(), { type = "audio/basic", octets = "7f7f7f7f" } } } },
  { "multipart/digest", "a bundle of letters", "一束信", { multipart = "digest", attachments = { message(letter), message(letter) } } },
  { "message/rfc822", "a letter within the letter", "信中之信", { attachments = { message(letter) } } },
  { "message/partial", "a piece of a letter that was too long", "一封太长的信的一段",
    { attachments = { { type = "message/partial", parameters = { id = "long@crepes.fr", number = "1", total = "3" }, text = letter } } } },
  { "message/external-body", "not the thing itself, but where it is", "不是内容本身，而是它在哪里",
    { attachments = { { type = "message/external-body", parameters = { ["access-type"] = "anon-ftp", site = "ftp.crepes.fr", name = "menu.ps" },
      text = "Content-Type: application/postscript\r\nContent-ID: <menu@crepes.fr>\r\n\r\n" } } } },
  { "image/gif", "a still picture", "静态图像", { attachments = { image() } } },
  { "image/jpeg", "a photograph", "照片", { attachments = { { type = "image/jpeg", octets = jpeg } } } },
  { "audio/basic", "sound", "声音", { attachments = { { type = "audio/basic", octets = "7f7f7f7fffff7f7f" } } } },
  { "video/mpeg", "a film", "影片", { attachments = { { type = "video/mpeg", octets = "000001ba000001b9" } } } },
  { "application/octet-stream", "any octets at all", "任意字节", { attachments = { { type = "application/octet-stream", octets = "00ff00ff00ff" } } } },
  { "application/postscript", "a document to print", "可打印的文档", { attachments = { { type = "application/postscript", octets = "25215053" } } } },
}

-- The type that a header names; plain text needs no naming.
local function type_of(text)
  local header = text:match("^(.-\r\n)\r\n")
  return header:match("Content%-Type: ([%w%-]+/[%w%-]+)") or "text/plain"
end

s:script(function()
  alice:boot { quiet = true } hamburger:boot { quiet = true }
  s:wait("1s")
  local family
  for i, one in ipairs(letters) do
    local top = one[1]:match("^%a+")
    if top ~= family then
      family = top
      s:phase { en = top, zh = top }
    end
    s:beat { en = one[1] .. ": " .. one[2], zh = one[1] .. "：" .. one[3] }
    local fields = { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = one[1] }
    for key, value in pairs(one[4]) do fields[key] = value end
    alice:mail(fields)
    s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == i end, "1m")
    s:expect(one[1] .. " arrives as such", function(trace)
      local got = trace:messages { proto = "smtp", name = "mail", received_by = hamburger }
      local found = #got == i and type_of(got[i].text)
      return found == one[1], found
    end)
    s:wait("1s")
  end
  s:expect("fifteen letters, seven types, fifteen subtypes", function(trace)
    local types, subtypes, families, count = {}, {}, 0, 0
    for _, m in ipairs(trace:messages { proto = "smtp", name = "mail", received_by = hamburger }) do
      local kind = type_of(m.text)
      local top = kind:match("^%a+")
      if not subtypes[kind] then subtypes[kind], count = true, count + 1 end
      if not types[top] then types[top], families = true, families + 1 end
    end
    return families == 7 and count == 15, families .. " and " .. count
  end)
  s:expect("nothing in any of them needs an eighth bit", function(trace)
    for _, m in ipairs(trace:messages { proto = "smtp", name = "mail", received_by = hamburger }) do
      if m.text:find("[\128-\255]") then return false, type_of(m.text) end
    end
    return true
  end)
end)
