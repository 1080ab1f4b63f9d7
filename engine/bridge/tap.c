#define _GNU_SOURCE
#include "bridge/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include "base/arena.h"

struct Tap {
    int descriptor;
    char name[IFNAMSIZ];
    uint64_t dropped;
};

static Tap *fail(Tap *tap, Text *error, const char *what, const char *interface, const char *advice) {
    text_print(error, "%s %s: %s%s%s", what, interface, strerror(errno), advice[0] ? "; " : "", advice);
    tap_close(tap);
    return NULL;
}

Tap *tap_open(const char *interface, Text *error) {
    if (!interface[0] || strlen(interface) >= IFNAMSIZ) {
        text_print(error, "\"%s\": the name of an interface has 1 to %d characters", interface, IFNAMSIZ - 1);
        return NULL;
    }
    Tap *tap = memory_new(sizeof *tap);
    tap->descriptor = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap->descriptor < 0) return fail(tap, error, "/dev/net/tun for", interface, "run as root, or in a namespace of your own: unshare -Urn");
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    strcpy(request.ifr_name, interface);
    if (ioctl(tap->descriptor, TUNSETIFF, &request) < 0)
        return fail(tap, error, "interface", interface,
                    errno == EPERM ? "run as root, or in a namespace of your own: unshare -Urn" : errno == EBUSY ? "another program holds it" : "");
    strcpy(tap->name, request.ifr_name);
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool up = control >= 0 && ioctl(control, SIOCGIFFLAGS, &request) == 0;
    if (up) {
        request.ifr_flags |= IFF_UP;
        up = ioctl(control, SIOCSIFFLAGS, &request) == 0;
    }
    int why = errno;
    if (control >= 0) close(control);
    errno = why;
    return up ? tap : fail(tap, error, "bringing up", interface, "");
}

void tap_close(Tap *tap) {
    if (!tap) return;
    if (tap->descriptor >= 0) close(tap->descriptor);
    free(tap);
}

int tap_descriptor(const Tap *tap) { return tap->descriptor; }
uint64_t tap_dropped(const Tap *tap) { return tap->dropped; }

bool tap_read(Tap *tap, uint8_t *room, size_t most, size_t *size, Text *error) {
    ssize_t got = read(tap->descriptor, room, most);
    *size = got > 0 ? (size_t)got : 0;
    if (got >= 0 || errno == EAGAIN || errno == EINTR || errno == EIO /* the interface is down */) return true;
    text_print(error, "interface %s: %s", tap->name, strerror(errno));
    return false;
}

void tap_write(Tap *tap, Bytes frame) {
    if (write(tap->descriptor, frame.at, frame.size) != (ssize_t)frame.size) tap->dropped++;
}
