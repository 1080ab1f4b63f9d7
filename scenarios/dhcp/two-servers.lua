-- Several servers, several OFFERs (rows D10, D11): the client chooses, and whoever was not chosen takes its offer back.
local s = scenario {
  title = { en = "Two servers, one choice", zh = "两个服务器，选一个" },
  about = {
    en = "The client collects offers for two seconds and takes the longest lease.",
    zh = "客户用两秒收集 OFFER，选租用期最长的。",
  },
  seed = 3,
}

local policy = s:setting { name = "policy", default = "longest", en = "how the client chooses: first or longest", zh = "客户的选择策略：first 或 longest" }

local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24", latency = "1ms" }
local quick = s:host { name = "quick", on = lan, address = "192.168.1.1" }
quick:dhcp_server { pools = { { "192.168.1.100", "192.168.1.119" } }, lease = "10m" }
local generous = s:host { name = "generous", on = lan, address = "192.168.1.2", latency = "20ms" }
generous:dhcp_server { pools = { { "192.168.1.200", "192.168.1.219" } }, lease = "8h" }
local pc = s:host { name = "pc1", on = lan }
pc:dhcp_client { initial_delay = "1s", offer_wait = "2s", policy = policy, probe = false }

local function offered(server)
  local n = 0
  for _, binding in ipairs(server.bindings) do
    if binding.state == "OFFERED" then n = n + 1 end
  end
  return n
end

s:expect_always("no address is held by two hosts at one time", function(trace) return trace:at_most_one_holder() end)

s:script(function()
  quick:boot { quiet = true } generous:boot { quiet = true }
  s:wait("1s")
  s:phase { en = "Two offers", zh = "两个 OFFER" }
  s:beat { en = "One DISCOVER: every server on the LAN hears it.", zh = "一个 DISCOVER：局域网上的每个服务器都听得到。" }
  pc:boot()
  s:wait_message { name = "OFFER", from = generous, within = "10s" }
  s:beat { en = "Both offer: one lease of ten minutes, one of eight hours. Both addresses are held back.",
           zh = "两个都发 OFFER：一个租期十分钟，一个八小时；两个地址都被保留。" }
  s:expect("each server holds one address back", offered(quick) == 1 and offered(generous) == 1)
  s:wait_message { name = "REQUEST", from = pc, within = "10s" }
  s:phase { en = "The choice", zh = "选择" }
  s:beat { en = "The REQUEST is a broadcast too: it tells one server yes, and the other no.",
           zh = "REQUEST 也是广播：对一个服务器说“要”，对另一个说“不要”。" }
  s:wait_state(pc, "BOUND", "10s")
  s:wait("1s")
  local chosen = policy == "first" and "192.168.1.1" or "192.168.1.2"
  s:expect("pc1 has chosen by its policy", pc.dhcp.server == chosen)
  s:expect("one broadcast REQUEST named the chosen server", function(trace)
    local requests = trace:messages { name = "REQUEST", from = pc }
    return #requests == 1 and not requests[1].unicast and requests[1].fields.server_identifier == chosen
  end)
  s:expect("no offer is held back any more", offered(quick) == 0 and offered(generous) == 0)
  s:say { en = "The other server takes its offer back: the address is free again.", zh = "没被选中的服务器收回 OFFER：地址又空闲了。" }
  s:wait("2s")
end)
