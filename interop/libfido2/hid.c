// CTAPHID in datagrams: libfido2 makes the reports, and the functions here carry them.

#define _GNU_SOURCE
#include "hid.h"
#include "checks.h"
#include "pipe.h"
#include "way.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REPORT 64
#define MOST_ARGUMENTS 40
#define LONGEST_SETTING 64

static const char ready[] = "udp://127.0.0.1:";

static struct {
    // Where the control socket is, alone.
    char directory[32];
    struct sockaddr_un control;
    uint16_t port;
    fido_dev_t *device;
} held;

// The line in which `stuntkey device` says where it is.
static int read_port(void)
{
    char line[64];
    if (pipe_line(line, sizeof line) < 0 || strncmp(line, ready, strlen(ready)) != 0) {
        errno = EPROTO;
        return -1;
    }
    held.port = (uint16_t)atoi(line + strlen(ready));
    return 0;
}

static int start_device(char *const arguments[])
{
    char settings[MOST_ARGUMENTS][LONGEST_SETTING];
    strcpy(held.directory, "/tmp/libfido2-peer-XXXXXX");
    if (mkdtemp(held.directory) == NULL) return -1;
    held.control.sun_family = AF_UNIX;
    snprintf(held.control.sun_path, sizeof held.control.sun_path, "%s/control", held.directory);
    char *all[MOST_ARGUMENTS] = {
        arguments[0], "device", "--udp", "127.0.0.1:0", "--store", "memory", "--quiet", "--control", held.control.sun_path,
    };
    size_t count = 9;
    for (size_t i = 1; arguments[i] != NULL && count < MOST_ARGUMENTS - 1; i++) {
        snprintf(settings[i], LONGEST_SETTING, "--%s", arguments[i]);
        all[count++] = settings[i];
    }
    return pipe_start(all) < 0 ? -1 : read_port();
}

static void stop_device(void)
{
    hid_told("stop");
    pipe_stop();
    rmdir(held.directory);
}

static void *open_socket(const char *path)
{
    (void)path;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(held.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int *handle = malloc(sizeof *handle);
    if (handle == NULL) return NULL;
    *handle = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (*handle >= 0 && connect(*handle, (struct sockaddr *)&address, sizeof address) == 0) return handle;
    free(handle);
    return NULL;
}

static void close_socket(void *handle)
{
    close(*(int *)handle);
    free(handle);
}

static int read_report(void *handle, unsigned char *data, size_t room, int milliseconds)
{
    struct pollfd ready_to_read = {.fd = *(int *)handle, .events = POLLIN};
    if (poll(&ready_to_read, 1, milliseconds) <= 0) return -1;
    return (int)recv(*(int *)handle, data, room, 0);
}

// Before a report stands its number, as it does for the system's devices.
static int write_report(void *handle, const unsigned char *data, size_t length)
{
    if (length != REPORT + 1) return -1;
    return send(*(int *)handle, data + 1, REPORT, 0) == REPORT ? (int)length : -1;
}

static int open_device(fido_dev_t *device)
{
    const fido_dev_io_t io = {open_socket, close_socket, read_report, write_report};
    held.device = device;
    int status = fido_dev_set_io_functions(device, &io);
    return status == FIDO_OK ? fido_dev_open(device, by_udp.name) : status;
}

// The channel goes with the power, so the device is opened again.
static void cycle_power(void)
{
    hid_told("power-cycle");
    open_again(held.device);
}

void hid_tell(const char *command, char *answer, size_t room)
{
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT(connection >= 0);
    EXPECT(connect(connection, (struct sockaddr *)&held.control, sizeof held.control) == 0);
    EXPECT(dprintf(connection, "%s\n", command) > 0);
    size_t length = 0;
    while (length < room - 1 && read(connection, answer + length, 1) == 1 && answer[length] != '\n') length++;
    answer[length] = '\0';
    close(connection);
}

void hid_told(const char *command)
{
    char answer[64];
    hid_tell(command, answer, sizeof answer);
    if (strcmp(answer, "ok") != 0) fail("%s: %s", command, answer);
}

void hid_waits(void)
{
    char answer[64];
    // The check has a time limit of its own.
    do {
        usleep(10000);
        hid_tell("status", answer, sizeof answer);
    } while (strcmp(answer, "waiting") != 0);
}

const struct way by_udp = {"stuntkey device", start_device, open_device, cycle_power, stop_device};
