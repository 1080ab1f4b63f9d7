-- Capitals and small letters (row M12): in commands they do not matter; in the name before the @ they may.
local s = scenario {
  title = { en = "mAiL fRoM", zh = "mAiL fRoM" },
  about = {
    en = "Commands are read in any case. The domain, too. But the name before the @ belongs to its server: Bob need not be bob.",
    zh = "命令不分大小写，域名也不分。但 @ 前面的名字由所在服务器解释：Bob 不一定是 bob。",
  },
  seed = 12,
}

local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local server = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
server:mail_server { name = "hamburger.edu", mailboxes = { "bob", "Postmaster" } }
local pc = s:host { name = "pc", on = net, address = "198.51.100.77" }

s:script(function()
  server:boot { quiet = true } pc:boot { quiet = true }
  s:wait("1s")
  local line = pc:connect { to = server, port = 25 }
  line:wait()
  line:read()
  local function enter(text, code)
    line:say(text)
    local reply = line:read()
    s:expect(("%s for: %s"):format(code, text), function()
      return reply ~= nil and reply.name == code, reply and reply.text:gsub("%s+", " ") or "no answer"
    end)
  end
  s:phase { en = "Commands", zh = "命令" }
  s:beat { en = "hElO: a command is a command, however it is written.", zh = "hElO：怎么写都是 HELO。" }
  enter("hElO Student.Example", "250")
  s:beat { en = "mAiL fRoM: this too, FROM included.", zh = "mAiL fRoM：同样，连 FROM 也不分大小写。" }
  enter("mAiL fRoM:<Alice@Crepes.FR>", "250")
  s:phase { en = "Addresses", zh = "地址" }
  s:beat { en = "The domain may be written in any case: it is the same domain.", zh = "域名大小写随意：是同一个域。" }
  enter("rcpt to:<bob@HAMBURGER.edu>", "250")
  s:beat {
    en = "BOB may be somebody else: the receiving server decides. This one takes names as they are written: 550.",
    zh = "BOB 可能是另一个人，由接收方服务器决定。这台服务器按原样区分：550。",
  }
  enter("Rcpt To:<BOB@hamburger.edu>", "550")
  s:beat { en = "One exception: postmaster must be reached in any case.", zh = "一个例外：postmaster 不论大小写都必须能收到。" }
  enter("RCPT TO:<pOsTmAsTeR@hamburger.edu>", "250")
  s:phase { en = "Content", zh = "内容" }
  s:beat { en = "dAtA. What follows is content, kept letter for letter.", zh = "dAtA。后面是内容，一个字母也不改。" }
  enter("dAtA", "354")
  line:send("sUbJeCt: As I Wrote It\r\n\r\nMiXeD.\r\n")
  enter(".", "250")
  enter("qUiT", "221")
  line:close()
  s:wait("3s")
  s:expect("the letter lies in both mailboxes, as it was written", function(trace)
    local got = trace:messages { proto = "smtp", name = "mail", received_by = server }
    local delivered = trace:facts { name = "mail.delivered", host = server }
    return #delivered == 2 and #got == 1 and got[1].text == "sUbJeCt: As I Wrote It\r\n\r\nMiXeD.\r\n"
  end)
  s:expect("the sender's address was kept as it was written", function(trace)
    local delivered = trace:facts { name = "mail.delivered", host = server }
    return #delivered > 0 and delivered[1].fields.from == "Alice@Crepes.FR"
  end)
end)
