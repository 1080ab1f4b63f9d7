-- Name servers and a resolver, for dig: joined to a TAP interface by the test beside this file.
local s = scenario { title = { en = "Name servers for dig", zh = "供 dig 查询的域名服务器" }, seed = 1 }
local lan = s:lan { name = "lan1", prefix = "10.77.5.0/24", latency = "0ms" }
local resolver = s:host { name = "resolver", on = lan, address = "10.77.5.2" }
local root = s:host { name = "root", on = lan, address = "10.77.5.3" }
local edu = s:host { name = "edu", on = lan, address = "10.77.5.4" }
local ns = s:host { name = "ns", on = lan, address = "10.77.5.5" }
local many, huge = {}, {}
for i = 1, 60 do many[i] = { "many", "A", "192.0.2." .. i } end
for i = 1, 20 do huge[i] = { "huge", "TXT", ("%02d "):format(i) .. ("x"):rep(200) } end
local records = {
  { "ns", "A", "10.77.5.5" }, { "@", "MX", 10, "mail" }, { "@", "MX", 20, "backup" }, { "mail", "A", "192.0.2.25" }, { "backup", "A", "192.0.2.26" },
  { "www", "CNAME", "mail" }, { "@", "TXT", "v=spf1 mx -all" }, { "*.lab", "A", "192.0.2.77" }, { "cs", "NS", "ns.cs.hamburger.edu" }, { "ns.cs", "A", "10.77.5.9" },
}
for _, r in ipairs(many) do records[#records + 1] = r end
for _, r in ipairs(huge) do records[#records + 1] = r end
resolver:dns_resolver { roots = "10.77.5.3" }
root:dns_server { zones = { ["."] = { ns = "ns-root", records = { { "ns-root", "A", "10.77.5.3" },
  { "edu", "NS", "ns.edu" }, { "ns.edu", "A", "10.77.5.4" }, { "2.0.192.in-addr.arpa", "NS", "ns.hamburger.edu" },
} } } }
edu:dns_server { zones = { edu = { ns = "ns", records = { { "ns", "A", "10.77.5.4" }, { "hamburger", "NS", "ns.hamburger.edu" }, { "ns.hamburger", "A", "10.77.5.5" } } } } }
ns:dns_server { zones = {
  ["hamburger.edu"] = { ns = "ns", ttl = "1h", records = records },
  ["2.0.192.in-addr.arpa"] = { ns = "ns.hamburger.edu", records = { { "25", "PTR", "mail.hamburger.edu" } } },
} }
s:script(function()
  for _, host in ipairs { resolver, root, edu, ns } do host:boot { quiet = true } end
end)
