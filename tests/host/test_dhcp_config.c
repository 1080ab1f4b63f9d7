/* Every field of DHCP's services, wrong in type or range: the message names the field and says what was expected. */
#include <stdlib.h>

#include "base/text.h"
#include "worlds.h"

static World *two_hosts(void) {
    World *world = world_new(1, true);
    world_do(world, "{'do':'lan','name':'lan1','prefix':'192.168.1.0/24'}");
    world_do(world, "{'do':'host','name':'srv'}");
    world_do(world, "{'do':'attach','host':'srv','lan':'lan1','address':'192.168.1.1'}");
    world_do(world, "{'do':'host','name':'pc'}");
    world_do(world, "{'do':'attach','host':'pc','lan':'lan1'}");
    return world;
}

static const struct {
    const char *service, *config, *field, *part;
} mistakes[] = {
#define SPAN "a span such as"
#define ADDRESS "an IPv4 address such as"
#define TRUTH "true or false"
    {"dhcp_client", "'interface':'eth7'", "interface", "has no interface \"eth7\""},
    {"dhcp_client", "'initial_delay':['5s','1s']", "initial_delay", SPAN},
    {"dhcp_client", "'initial_delay':true", "initial_delay", SPAN},
    {"dhcp_client", "'offer_wait':'soon'", "offer_wait", SPAN},
    {"dhcp_client", "'policy':'best'", "policy", "\"longest\""},
    {"dhcp_client", "'policy':'server'", "server", "the address of the known server"},
    {"dhcp_client", "'server':'10.0.0'", "server", ADDRESS},
    {"dhcp_client", "'request':7", "request", ADDRESS},
    {"dhcp_client", "'lease':'half'", "lease", SPAN},
    {"dhcp_client", "'lease':'500ms'", "lease", "at least one second"},
    {"dhcp_client", "'parameters':'all'", "parameters", "at most 24 option codes (1..254)"},
    {"dhcp_client", "'parameters':[1,255]", "parameters", "at most 24 option codes (1..254)"},
    {"dhcp_client", "'parameters':[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]", "parameters", "at most 24"},
    {"dhcp_client", "'host_name':true", "host_name", "a name of at most 63 characters, or false"},
    {"dhcp_client", "'host_name':''", "host_name", "a name of at most 63 characters, or false"},
    {"dhcp_client", "'client_id':5", "client_id", "at most 31 characters"},
    {"dhcp_client", "'client_id':''", "client_id", "at most 31 characters"},
    {"dhcp_client", "'vendor_class':''", "vendor_class", "1 to 255 characters"},
    {"dhcp_client", "'maximum_message_size':575", "maximum_message_size", "a whole number from 576 to 1500"},
    {"dhcp_client", "'broadcast':1", "broadcast", TRUTH},
    {"dhcp_client", "'probe':'yes'", "probe", TRUTH},
    {"dhcp_client", "'remember':0", "remember", TRUTH},
    {"dhcp_client", "'release_on_shutdown':'no'", "release_on_shutdown", TRUTH},
    {"dhcp_client", "'inform':'maybe'", "inform", TRUTH},
    {"dhcp_client", "'inform':true", "inform", "address = \"...\" expected"},
    {"dhcp_client", "'decline_wait':-1", "decline_wait", SPAN},
    {"dhcp_client", "'retry_min':false", "retry_min", SPAN},
    {"dhcp_client", "'probe_wait':'x'", "probe_wait", SPAN},
    {"dhcp_client", "'probe_interval':['1s']", "probe_interval", SPAN},
    {"dhcp_client", "'probe_count':0", "probe_count", "a whole number from 1 to 10"},
    {"dhcp_client", "'announce_wait':[]", "announce_wait", SPAN},
    {"dhcp_client", "'announce_count':11", "announce_count", "a whole number from 0 to 10"},
    {"dhcp_client", "'announce_interval':'-1s'", "announce_interval", SPAN},
    {"dhcp_client", "'defend_interval':true", "defend_interval", SPAN},
    {"dhcp_client", "'defend':2", "defend", TRUTH},
    {"dhcp_client", "'lesae':'60s'", "lesae", "did you mean \"lease\"?"},
#define POOLS "'pools':[['192.168.1.100','192.168.1.199']],"
    {"dhcp_server", "'lease':'60s'", "", "a server without a pool has nothing to give"},
    {"dhcp_server", "'pools':5", "pools", "a list of pools"},
    {"dhcp_server", "'pools':[5]", "pools[1]", "expected"},
    {"dhcp_server", "'pools':[['192.168.1.199','192.168.1.100']]", "pools[1]", "in order"},
    {"dhcp_server", "'pools':[{'last':'192.168.1.100'}]", "pools[1].first", ADDRESS},
    {"dhcp_server", "'pools':[{'first':'192.168.1.100'}]", "pools[1].last", ADDRESS},
    {"dhcp_server", "'pools':[{'first':'192.168.1.100','last':'192.168.1.99'}]", "pools[1]", "must not come after the last"},
    {"dhcp_server", "'pools':[{'first':'10.0.0.1','last':'10.0.0.9'}]", "pools[1]", "subnet = \"a.b.c.0/24\" expected"},
    {"dhcp_server", "'pools':[{'first':'10.0.0.1','last':'10.0.0.9','subnet':'10.0.0.0/33'}]", "pools[1].subnet", "a prefix such as"},
    {"dhcp_server", "'pools':[{'first':'10.0.0.1','last':'10.0.0.9','subnet':'10.0.1.0/24'}]", "pools[1]", "addresses inside the prefix"},
    {"dhcp_server", "'pools':[{'first':'10.0.0.1','last':'10.9.0.9','subnet':'10.0.0.0/8'}]", "pools[1]", "at most 65536"},
    {"dhcp_server", "'pools':[['192.168.1.0','192.168.1.99']]", "pools[1]", "can't be handed out"},
    {"dhcp_server", "'pools':[['192.168.1.1','192.168.1.99']]", "pools[1]", "the server's own address"},
    {"dhcp_server", "'pools':[{'first':'192.168.1.2','last':'192.168.1.9','exclude':7}]", "pools[1].exclude", "a list of addresses"},
    {"dhcp_server", "'pools':[{'first':'192.168.1.2','last':'192.168.1.9','exclude':[7]}]", "pools[1].exclude", "an address, or a pair"},
    {"dhcp_server", "'pools':[{'first':'192.168.1.2','last':'192.168.1.9','router':1}]", "pools[1].router", ADDRESS},
    {"dhcp_server", "'pools':[['192.168.1.2','192.168.1.9'],['192.168.1.9','192.168.1.19']]", "pools[2]", "overlaps pools[1]"},
    {"dhcp_server", POOLS "'router':'gw'", "router", ADDRESS},
    {"dhcp_server", POOLS "'dns':['1.1.1.1','2.2.2.2','3.3.3.3','4.4.4.4','5.5.5.5']", "dns", "fewer addresses"},
    {"dhcp_server", POOLS "'dns':'ns1'", "dns", ADDRESS},
    {"dhcp_server", POOLS "'domain':5", "domain", "a text"},
    {"dhcp_server", POOLS "'lease':0", "lease", "at least one second"},
    {"dhcp_server", POOLS "'lease':'forever'", "lease", "or \"infinite\""},
    {"dhcp_server", POOLS "'lease_min':'x'", "lease_min", "or \"infinite\""},
    {"dhcp_server", POOLS "'lease_max':[]", "lease_max", "or \"infinite\""},
    {"dhcp_server", POOLS "'lease_min':'2h','lease_max':'1h'", "lease_min", "not longer than lease_max"},
    {"dhcp_server", POOLS "'t1':'140%%'", "t1", "a share such as"},
    {"dhcp_server", POOLS "'t2':'x'", "t2", "a share such as"},
    {"dhcp_server", POOLS "'t1':'90%%'", "t1", "earlier than t2"},
    {"dhcp_server", POOLS "'t1':'87.5%%'", "t1", "earlier than t2"},
    {"dhcp_server", POOLS "'t2':'100%%'", "t1", "earlier than the end"},
    {"dhcp_server", POOLS "'send_t1_t2':1", "send_t1_t2", TRUTH},
    {"dhcp_server", POOLS "'offer_hold':'x'", "offer_hold", SPAN},
    {"dhcp_server", POOLS "'ping_check':1", "ping_check", TRUTH},
    {"dhcp_server", POOLS "'ping_wait':'x'", "ping_wait", SPAN},
    {"dhcp_server", POOLS "'quarantine':'x'", "quarantine", SPAN},
    {"dhcp_server", POOLS "'authoritative':1", "authoritative", TRUTH},
    {"dhcp_server", POOLS "'stable_storage':1", "stable_storage", TRUTH},
    {"dhcp_server", POOLS "'server_id':'me'", "server_id", ADDRESS},
    {"dhcp_server", POOLS "'reservations':1", "reservations", "a list of reservations"},
    {"dhcp_server", POOLS "'reservations':[{'address':'192.168.1.7'}]", "reservations[1]", "one of the two"},
    {"dhcp_server", POOLS "'reservations':[{'address':'192.168.1.7','mac':'02:00:00:00:00:01','client_id':'a'}]", "reservations[1]", "one of the two"},
    {"dhcp_server", POOLS "'reservations':[{'address':'192.168.1.7','mac':'02:00'}]", "reservations[1].mac", "a MAC address such as"},
    {"dhcp_server", POOLS "'reservations':[{'mac':'02:00:00:00:00:01'}]", "reservations[1].address", ADDRESS},
    {"dhcp_server", POOLS "'reservations':[{'mac':'02:00:00:00:00:01','address':'10.0.0.1'}]", "reservations", "in the subnet of a pool"},
    {"dhcp_server", POOLS "'reservations':[{'mac':'02:00:00:00:00:01','address':'192.168.1.255'}]", "reservations[1]", "can't be reserved"},
    {"dhcp_server", POOLS "'reservations':[{'mac':'02:00:00:00:00:01','address':'192.168.1.1'}]", "reservations[1]", "the server's own address"},
    {"dhcp_server",
     POOLS "'reservations':[{'mac':'02:00:00:00:00:01','address':'192.168.1.7'},{'client_id':'a','address':'192.168.1.7'}]",
     "reservations[2]", "reserved by reservations[1]"},
    {"dhcp_server", POOLS "'options':1", "options", "a list of options"},
    {"dhcp_server", POOLS "'options':[{'code':255,'text':'x'}]", "options[1].code", "a whole number from 1 to 254"},
    {"dhcp_server", POOLS "'options':[{'code':51,'hex':'00000001'}]", "options[1].code", "not DHCP's own"},
    {"dhcp_server", POOLS "'options':[{'code':82,'hex':'00'}]", "options[1].code", "not DHCP's own"},
    {"dhcp_server", POOLS "'options':[{'code':42}]", "options[1]", "one of text, hex, ip"},
    {"dhcp_server", POOLS "'options':[{'code':42,'hex':'123'}]", "options[1].hex", "pairs of hexadecimal digits"},
    {"dhcp_server", POOLS "'options':[{'code':42,'hex':'0x'}]", "options[1].hex", "pairs of hexadecimal digits"},
    {"dhcp_server", POOLS "'options':[{'code':42,'hex':' 1'}]", "options[1].hex", "pairs of hexadecimal digits"},
    {"dhcp_server", POOLS "'options':[{'code':42,'ip':'ntp'}]", "options[1].ip", ADDRESS},
    {"dhcp_relay", "'hop_limit':4", "servers", "the address of a DHCP server"},
    {"dhcp_relay", "'servers':'dhcp1'", "servers", ADDRESS},
    {"dhcp_relay", "'servers':'192.168.1.9','hop_limit':17", "hop_limit", "a whole number from 1 to 16"},
    {"dhcp_relay", "'servers':'192.168.1.9','agent_option':1", "agent_option", TRUTH},
    {"dhcp_relay", "'servers':'192.168.1.9','trust':1", "trust", TRUTH},
    {"dhcp_relay", "'servers':'192.168.1.9','circuit_id':1", "circuit_id", "a text"},
    {"dhcp_relay", "'servers':'192.168.1.9','remote_id':1", "remote_id", "a text"},
    {"dhcp_relay", "'servers':'192.168.1.9','client_interfaces':1", "client_interfaces", "a list of interface names"},
    {"dhcp_relay", "'servers':'192.168.1.9','client_interfaces':['eth9']", "client_interfaces", "the name of one of the host's interfaces"},
};

static void every_mistake_has_its_message(void **state) {
    (void)state;
    World *world = two_hosts();
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        char config[600];
        snprintf(config, sizeof config, mistakes[i].config, 0);
        const char *host = strcmp(mistakes[i].service, "dhcp_client") == 0 ? "pc" : "srv";
        Text said = world_refuses(world, "{'do':'service','host':'%s','service':'%s','config':{%s}}", host, mistakes[i].service, config);
        const char *message = text_get(&said), *colon = strstr(message, ": ");
        size_t field = strlen(mistakes[i].field);
        bool named = colon && (size_t)(colon - message) >= field && strncmp(colon - field, mistakes[i].field, field) == 0;
        if (!named || !strstr(message, mistakes[i].part))
            fail_msg("\"%s\"\nexpected: \"%s: … %s\"\nof: %s", message, mistakes[i].field, mistakes[i].part, mistakes[i].config);
        text_free(&said);
    }
    /* And after all of it nothing has been made: the right ones are taken. */
    world_do(world, "{'do':'service','host':'srv','service':'dhcp_server','config':{" POOLS "'options':[{'code':42,'hex':'0a0B'}]}}");
    world_do(world, "{'do':'service','host':'pc','service':'dhcp_client','config':{}}");
    world_free(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_mistake_has_its_message)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
