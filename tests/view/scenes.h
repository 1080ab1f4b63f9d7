/* Small runs to draw: what tests and benchmarks of the view look at. */
#ifndef NETSTAGE_TESTS_VIEW_SCENES_H
#define NETSTAGE_TESTS_VIEW_SCENES_H

#include "worlds.h"

#define SCENE_CLIENT "{'initial_delay':'0s','probe':false}"

static inline void scene_say(World *world, bool beat, const char *en, const char *zh) {
    world_do(world, "{'do':'say','beat':%s,'text':{'en':'%s','zh':'%s'}}", beat ? "true" : "false", en, zh);
}

static inline void scene_phase(World *world, const char *en, const char *zh) {
    world_do(world, "{'do':'say','phase':true,'text':{'en':'%s','zh':'%s'}}", en, zh);
}

static inline void scene_host(World *world, const char *name, const char *lan, const char *address) {
    world_do(world, "{'do':'host','name':'%s'}", name);
    if (address)
        world_do(world, "{'do':'attach','host':'%s','lan':'%s','address':'%s'}", name, lan, address);
    else
        world_do(world, "{'do':'attach','host':'%s','lan':'%s'}", name, lan);
}

static inline void scene_run_for(World *world, SimTime span) { world_run(world, world_now(world) + span); }

/* Two servers, three clients, one of them not concerned; a lease from DISCOVER to RELEASE with beats and phases. */
static inline World *scene_nine_steps(void) {
    World *world = world_new(7, true);
    world_do(world, "{'do':'lan','name':'lan1','prefix':'192.168.1.0/24','latency':'1ms'}");
    scene_host(world, "dhcp1", "lan1", "192.168.1.1");
    scene_host(world, "dhcp2", "lan1", "192.168.1.2");
    scene_host(world, "pc1", "lan1", NULL);
    scene_host(world, "pc2", "lan1", NULL);
    scene_host(world, "printer", "lan1", "192.168.1.20");
    world_do(
        world,
        "{'do':'service','host':'dhcp1','service':'dhcp_server','config':{'pools':[['192.168.1.100','192.168.1.149']],"
        "'router':'192.168.1.254','lease':'60s'}}");
    world_do(
        world,
        "{'do':'service','host':'dhcp2','service':'dhcp_server','config':{'pools':[['192.168.1.150','192.168.1.199']],"
        "'router':'192.168.1.254','lease':'60s'}}");
    world_do(world,
             "{'do':'service','host':'pc1','service':'dhcp_client','config':{'initial_delay':'0s','offer_wait':'1s'}}");
    world_do(world, "{'do':'service','host':'pc2','service':'dhcp_client','config':" SCENE_CLIENT "}");
    scene_phase(world, "Servers", "服务器");
    scene_say(world, true, "① The servers passively open UDP port 67 and wait.",
              "① 服务器被动打开 UDP 端口 67，等待客户。");
    world_do(world, "{'do':'boot','host':'dhcp1','quiet':true}");
    world_do(world, "{'do':'boot','host':'dhcp2','quiet':true}");
    world_do(world, "{'do':'boot','host':'printer','quiet':true}");
    scene_run_for(world, SIM_SECOND);
    scene_phase(world, "A lease is obtained", "获得租约");
    scene_say(world, true,
              "② The client, which has no address yet, broadcasts DISCOVER from port 68: is there a server, and what can "
              "it offer?",
              "② 客户还没有地址，从端口 68 广播发现报文：有没有服务器？能提供什么地址？");
    world_do(world, "{'do':'boot','host':'pc1'}");
    scene_run_for(world, 12 * SIM_SECOND);
    scene_phase(world, "The lease is renewed", "续租");
    scene_say(world, true, "⑥ At T1, half of the lease, the client asks its own server for more time, by unicast.",
              "⑥ 到 T1（租用期过了一半），客户用单播请求原服务器更新租用期。");
    scene_run_for(world, 30 * SIM_SECOND);
    scene_say(world, true, "⑨ The client can end the lease at any time.", "⑨ 客户可以随时提前终止租用期。");
    world_do(world, "{'do':'dhcp','host':'pc1','action':'release'}");
    scene_run_for(world, 2 * SIM_SECOND);
    return world;
}

/* A client behind a relay agent. */
static inline World *scene_relay(void) {
    World *world = world_new(3, true);
    world_do(world, "{'do':'lan','name':'office','prefix':'10.1.0.0/24','latency':'1ms'}");
    world_do(world, "{'do':'lan','name':'servers','prefix':'10.9.0.0/24','latency':'1ms'}");
    scene_host(world, "pc1", "office", NULL);
    scene_host(world, "pc2", "office", NULL);
    world_do(world, "{'do':'host','name':'relay','router':true}");
    world_do(world, "{'do':'attach','host':'relay','lan':'office','address':'10.1.0.1'}");
    world_do(world, "{'do':'attach','host':'relay','lan':'servers','address':'10.9.0.1'}");
    scene_host(world, "dhcp1", "servers", NULL);
    world_do(world, "{'do':'address','host':'dhcp1','address':'10.9.0.10/24','router':'10.9.0.1'}");
    world_do(world, "{'do':'service','host':'dhcp1','service':'dhcp_server','config':{'pools':[{"
                    "'subnet':'10.1.0.0/24','first':'10.1.0.100',"
                    "'last':'10.1.0.199','router':'10.1.0.1'}],'lease':'1h'}}");
    world_do(world, "{'do':'service','host':'relay','service':'dhcp_relay','config':{'servers':['10.9.0.10'],"
                    "'client_interfaces':['eth0']}}");
    world_do(world, "{'do':'service','host':'pc1','service':'dhcp_client','config':" SCENE_CLIENT "}");
    world_do(world, "{'do':'service','host':'pc2','service':'dhcp_client','config':" SCENE_CLIENT "}");
    world_do(world, "{'do':'boot','host':'dhcp1','quiet':true}");
    world_do(world, "{'do':'boot','host':'relay','quiet':true}");
    scene_run_for(world, SIM_SECOND);
    scene_say(world, true, "The broadcast stops at the router. A relay agent carries it on.",
              "广播到路由器为止，由中继代理转发。");
    world_do(world, "{'do':'boot','host':'pc1'}");
    scene_run_for(world, 10 * SIM_SECOND);
    return world;
}

/* Many hosts on one LAN, some frames lost, some hosts moved and switched off. */
static inline World *scene_crowd(int clients) {
    World *world = world_new(11, true);
    world_do(world, "{'do':'lan','name':'hall','prefix':'10.0.0.0/16','latency':'1ms'}");
    world_do(world, "{'do':'lan','name':'annex','prefix':'10.8.0.0/16','latency':'1ms'}");
    scene_host(world, "dhcp1", "hall", "10.0.0.1");
    world_do(world, "{'do':'service','host':'dhcp1','service':'dhcp_server','config':{"
                    "'pools':[['10.0.1.1','10.0.1.20']],'lease':'30s'}}");
    world_do(world, "{'do':'boot','host':'dhcp1','quiet':true}");
    for (int i = 0; i < clients; i++) {
        char name[24];
        snprintf(name, sizeof name, "laptop%d", i + 1);
        scene_host(world, name, "hall", NULL);
        world_do(world, "{'do':'service','host':'%s','service':'dhcp_client','config':" SCENE_CLIENT "}", name);
        if (i % 3 == 0) world_do(world, "{'do':'cable','host':'%s','loss':'30%%'}", name);
    }
    scene_say(world, true, "Everybody arrives at once.", "大家同时到来。");
    for (int i = 0; i < clients; i++) world_do(world, "{'do':'boot','host':'laptop%d'}", i + 1);
    scene_run_for(world, 10 * SIM_SECOND);
    if (clients > 1) {
        world_do(world, "{'do':'move','host':'laptop2','lan':'annex'}");
        world_do(world, "{'do':'crash','host':'laptop1'}");
    }
    scene_run_for(world, 40 * SIM_SECOND);
    return world;
}

typedef struct {
    const char *name;
    World *(*build)(void);
} SceneKind;

static inline World *scene_crowd_6(void) { return scene_crowd(6); }
static inline World *scene_crowd_12(void) { return scene_crowd(12); }
static inline World *scene_crowd_39(void) { return scene_crowd(39); }

static const SceneKind scene_kinds[] = {{"nine", scene_nine_steps},
                                        {"relay", scene_relay},
                                        {"crowd6", scene_crowd_6},
                                        {"crowd12", scene_crowd_12},
                                        {"crowd39", scene_crowd_39}};
enum { SCENE_KINDS = sizeof scene_kinds / sizeof scene_kinds[0] };

#endif
