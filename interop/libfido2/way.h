// How the authenticator of a check is started and reached.

#ifndef WAY_H
#define WAY_H

#include <fido.h>

struct way {
    // What libfido2 is told that it opens.
    const char *name;
    // Starts `arguments[0]` with settings; the list ends with NULL. Returns 0, or -1 and sets errno.
    int (*start)(char *const arguments[]);
    // Has libfido2 open it. Returns a status of libfido2; the caller frees the device either way.
    int (*open)(fido_dev_t *device);
    void (*power_cycle)(void);
    void (*stop)(void);
};

// Whole messages to ctap2_pipe, and libfido2's own CTAPHID to `stuntkey device --udp`.
extern const struct way by_pipe, by_udp;

// The one of this process.
extern const struct way *way;

#endif
