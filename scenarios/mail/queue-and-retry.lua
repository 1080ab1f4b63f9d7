-- The queue (row M2): a letter that can't be handed over now waits on disk and is tried again, at longer and longer intervals.
local s = scenario {
  title = { en = "The queue, and its patience", zh = "消息队列的耐心" },
  about = {
    en = "Bob's server is down. Alice's server tries again after 30 minutes, then 1 h, then 2 h; the letter is not lost.",
    zh = "Bob 的服务器停机。Alice 的服务器 30 分钟后重试，再隔 1 小时、2 小时；信不会丢。",
  },
  seed = 2,
}

local retry = s:setting { name = "retry", default = "30m", en = "before the second attempt; then twice as long each time", zh = "第二次尝试前的间隔，之后每次加倍" }
local down = s:setting { name = "down", default = 10800, en = "how many seconds Bob's server is down", zh = "Bob 的服务器停机多少秒" }
local net = s:lan { name = "internet", prefix = "198.51.100.0/24", latency = "5ms" }
local dns = s:host { name = "dns", on = net, address = "198.51.100.53" }
dns:dns_server { zones = {
  ["hamburger.edu"] = { records = { { "@", "MX", 10, "mail" }, { "mail", "A", "198.51.100.25" } } },
} }
local crepes = s:host { name = "crepes", on = net, address = "198.51.100.10", dns = "198.51.100.53" }
crepes:mail_server { name = "crepes.fr", mailboxes = { "alice" }, retry = retry, warn = "2h" }
local hamburger = s:host { name = "hamburger", on = net, address = "198.51.100.25", dns = "198.51.100.53" }
hamburger:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }

local function deferred(trace) return trace:facts { name = "mail.deferred", host = crepes } end

s:script(function()
  dns:boot { quiet = true } crepes:boot { quiet = true }
  s:wait("1s")
  local began = s.now
  s:phase { en = "Into the queue", zh = "进入消息队列" }
  s:beat { en = "Bob's server is switched off. Alice sends all the same.", zh = "Bob 的服务器关机了。Alice 照样发信。" }
  crepes:mail { from = "alice@crepes.fr", to = "bob@hamburger.edu", subject = "Are you there?", text = "No hurry.\n" }
  s:wait_until(function(trace) return #deferred(trace) == 1 end, "10m")
  s:beat {
    en = "Nobody there. The letter stays in the queue; a timer runs until the next attempt.",
    zh = "没有回应。信留在消息队列里，计时器走向下一次尝试。",
  }
  s:phase { en = "Again, and again", zh = "一次又一次" }
  s:wait_until(function(trace) return #deferred(trace) == 2 end, "2d")
  s:beat { en = "The timer is up: nothing. Now it waits twice as long.", zh = "计时器到：还是不行。下次等两倍的时间。" }
  s:wait_until(function(trace) return #trace:facts { name = "mail.reported", host = crepes } == 1 or #deferred(trace) > 8 end, "2d")
  s:beat {
    en = "After two hours the sender is told: not lost, only late (delay warning).",
    zh = "两小时后告诉发件人：没有丢，只是晚了（延迟通知）。",
  }
  s:wait(math.max(down - (s.now - began), 0))
  hamburger:boot { quiet = true }
  s:phase { en = "There you are", zh = "终于来了" }
  s:beat { en = "Bob's server is back. At the next attempt the letter is handed over.", zh = "Bob 的服务器恢复了。下一次尝试时信送到。" }
  s:wait_until(function(trace) return #trace:facts { name = "mail.delivered", host = hamburger } == 1 end, "2d")
  s:wait("5s")
  s:expect("each interval is twice the one before", function(trace)
    local list, spans = deferred(trace), {}
    for i, fact in ipairs(list) do spans[i] = fact.fields.next_try - fact.t end
    local text = {}
    for i, span in ipairs(spans) do
      text[i] = ("%.0f s"):format(span)
      if i > 1 and math.abs(span - 2 * spans[i - 1]) > 1 and span < 14400 then return false, table.concat(text, ", ") end
    end
    return #spans >= 3, table.concat(text, ", ")
  end)
  s:expect("the letter came in the end, once, and the queue is empty", function(trace)
    local delivered = trace:facts { name = "mail.delivered", host = hamburger }
    return #delivered == 1 and #trace:facts { name = "mail.queued", host = crepes } == #trace:facts { name = "mail.dequeued", host = crepes }
  end)
  s:expect("Alice was told once that it takes longer", function(trace)
    local told = trace:facts { name = "mail.reported", host = crepes }
    return #told == 1 and told[1].fields.kind == "mail.delayed"
  end)
end)
