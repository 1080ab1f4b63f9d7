-- A bad line (rows M10, M17): SMTP knows nothing of lost packets. TCP sends again what was lost, and the letter arrives whole.
local s = scenario {
  title = { en = "A bad line", zh = "糟糕的线路" },
  about = {
    en = "The cable of Bob's server loses packets. TCP repeats them; SMTP above it only finds that it takes longer.",
    zh = "Bob 的服务器的网线丢包。TCP 重传；上面的 SMTP 只觉得慢一些。",
  },
  seed = 171,
}

local loss = s:setting { name = "loss", default = "10%", en = "how much the cable loses", zh = "网线的丢失率" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local alice = s:host { name = "alice-pc", on = net, address = "198.51.100.101" }
alice:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25", retry = "1m" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }

local text = {}
for i = 1, 800 do text[i] = ("Line %d of a long letter, to be read in order.\n"):format(i) end
local letter = table.concat(text)

local function retransmissions(trace, since) return #trace:facts { name = "tcp.retransmission", since = since } end
local function delivered(trace) return #trace:facts { name = "mail.delivered", host = hamburger } end

s:script(function()
  alice:boot { quiet = true } hamburger:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "A good line", zh = "好的线路" }
  s:beat { en = "First without losses: a long letter, in many segments.", zh = "先看不丢包的情况：一封长信，分成许多报文段。" }
  alice:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Long", text = letter }
  s:wait_until(function(trace) return delivered(trace) == 1 end, "10m")
  s:wait("3s")
  s:expect("nothing is sent twice", function(trace) return retransmissions(trace) == 0 end)
  s:phase { en = "A bad line", zh = "糟糕的线路" }
  s:beat {
    en = "Now one packet out of ten is lost, both ways. Watch the segments: three duplicate ACKs, or the timer, and it is sent again.",
    zh = "现在来回都丢十分之一。看报文段：三个重复确认，或者计时器到，就重传。",
  }
  hamburger:cable { loss = loss }
  local before = s.now
  alice:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Long", text = letter }
  s:wait_until(function(trace) return delivered(trace) == 2 end, "1h")
  hamburger:cable { loss = "0%" }
  s:wait("10s")
  s:expect("segments were lost and sent again", function(trace)
    local n = retransmissions(trace, before)
    return n > 0, n .. " times"
  end)
  s:expect("the letter arrives whole all the same, octet for octet", function(trace)
    local got = trace:messages { proto = "smtp", name = "mail", received_by = hamburger }
    local body = letter:gsub("\n", "\r\n")
    return #got >= 2 and got[1].text:sub(-#body) == body and got[#got].text:sub(-#body) == body
  end)
  s:expect("SMTP's dialogue is the same", function(trace)
    local function dialogue(since, upto)
      local names = {}
      for _, m in ipairs(trace:messages { proto = "smtp", from = alice, since = since, before = upto }) do
        if m.name ~= "QUIT" then names[#names + 1] = m.name end
      end
      return table.concat(names, " ")
    end
    local good, bad = dialogue(0, before), dialogue(before, before + 86400)
    return good == bad, bad
  end)
end)
