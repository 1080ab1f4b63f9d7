-- Command pipelining (row M17; RFC 2920): commands that do not wait for each other's answers. What counts is round trips.
local s = scenario {
  title = { en = "Without waiting", zh = "不必逐条等待" },
  about = {
    en = "The same letter to three recipients, once command by command and once pipelined, over a line with a long delay.",
    zh = "同一封信发给三个收件人：一次逐条等应答，一次流水线，线路时延很长。",
  },
  seed = 172,
}

local delay = s:setting { name = "delay", default = "100ms", en = "one way, of each cable", zh = "每根网线的单向时延" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = delay }
local patient = s:host { name = "patient", on = net, address = "198.51.100.11" }
patient:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25", pipelining = false }
local hasty = s:host { name = "hasty", on = net, address = "198.51.100.12" }
hasty:mail_agent { address = "alice@crepes.fr", server = "198.51.100.25", pipelining = true }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob", "carol", "dave" } }

-- How often the client waits for the server between its MAIL and its QUIT: whenever it speaks after having heard something.
local function round_trips(trace, client)
  local trips, heard, began = 0, false, false
  local list = trace:messages { proto = "smtp", from = client }
  for _, m in ipairs(trace:messages { proto = "smtp", received_by = client }) do list[#list + 1] = m end
  table.sort(list, function(a, b) return a.seq < b.seq end)
  for _, m in ipairs(list) do
    if m.received then
      heard = true
    else
      if began and heard then trips = trips + 1 end
      if m.name == "MAIL" then began = true end
      heard = false
    end
  end
  return trips
end
local function time_for(trace, client)
  local mail = trace:messages { proto = "smtp", name = "MAIL", from = client }[1]
  local quit = trace:messages { proto = "smtp", name = "QUIT", from = client }[1]
  return quit.t - mail.t
end
local function send(client)
  client:mail {
    from = "alice@crepes.fr", to = { "bob@hamburger.edu", "carol@hamburger.edu", "dave@hamburger.edu" },
    subject = "Round trips", text = "How often did we wait?\n",
  }
  s:wait_message { proto = "smtp", name = "MAIL", from = client, within = "60s" }
end

s:script(function()
  patient:boot { quiet = true } hasty:boot { quiet = true } hamburger:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "One at a time", zh = "逐条" }
  s:beat {
    en = "One command, one answer: MAIL, RCPT, RCPT, RCPT, DATA, content. Each costs a round trip.",
    zh = "一条命令，一条应答：MAIL、RCPT、RCPT、RCPT、DATA、内容。每条都要一个往返。",
  }
  send(patient)
  s:wait_message { proto = "smtp", name = "221", received_by = patient, within = "60s" }
  s:wait("2s")

  s:phase { en = "Pipelined", zh = "流水线" }
  s:beat {
    en = "EHLO has told that the server knows PIPELINING: now MAIL, three RCPT and DATA leave in one go.",
    zh = "EHLO 的应答里有 PIPELINING：于是 MAIL、三条 RCPT 和 DATA 一次发出。",
  }
  send(hasty)
  s:wait_message { proto = "smtp", name = "354", received_by = hasty, within = "60s" }
  s:beat { en = "The answers come back together. 354 must be waited for: only then the content.", zh = "应答一起回来。354 必须等：之后才能发内容。" }
  s:wait_message { proto = "smtp", name = "221", received_by = hasty, within = "60s" }
  s:wait("2s")
  s:expect("six round trips become two", function(trace)
    local slow, fast = round_trips(trace, patient), round_trips(trace, hasty)
    return slow == 6 and fast == 2, slow .. " and " .. fast
  end)
  s:expect("the time shrinks to less than half", function(trace)
    local slow, fast = time_for(trace, patient), time_for(trace, hasty)
    return fast < slow / 2, ("%.3f s and %.3f s"):format(slow, fast)
  end)
  s:expect("both letters arrive, in three mailboxes each", function(trace)
    return #trace:facts { name = "mail.delivered", host = hamburger } == 6
  end)
end)
