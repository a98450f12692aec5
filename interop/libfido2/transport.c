// The functions by which libfido2 reaches the authenticator: whole messages, without the packets of CTAPHID.

#define _GNU_SOURCE
#include "pipe.h"
#include "way.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CREDENTIAL_MANAGEMENT 0x0a
#define CREDENTIAL_MANAGEMENT_PREVIEW 0x41
#define BIO_ENROLLMENT 0x09
#define BIO_ENROLLMENT_PREVIEW 0x40

// The answer to CTAPHID_INIT.
struct init {
    unsigned char nonce[8];
    unsigned char channel[4];
    unsigned char protocol, major, minor, build, capabilities;
};

static struct init init = {
    .channel = {0, 0, 0, 1},
    .protocol = 2,
    .capabilities = FIDO_CAP_CBOR,
};

// What getInfo says that the authenticator has.
static bool has_credential_management_preview, has_bio_enrollment_preview;

static void *open_child(const char *path)
{
    (void)path;
    return &init;
}

// The child outlives the device, so that it can be opened again.
static void close_child(void *handle)
{
    (void)handle;
}

// libfido2 wants these two, and calls neither where there are functions for whole messages.
static int no_read(void *handle, unsigned char *data, size_t room, int milliseconds)
{
    (void)handle, (void)data, (void)room, (void)milliseconds;
    return -1;
}

static int no_write(void *handle, const unsigned char *data, size_t length)
{
    (void)handle, (void)data, (void)length;
    return -1;
}

// libfido2 1.12 sends these two commands under their numbers before CTAP 2.1, whatever the authenticator says. The rest of
// the message is the same, so an authenticator without the preview gets the number that CTAP 2.1 has.
static unsigned char current(unsigned char command)
{
    if (command == CREDENTIAL_MANAGEMENT_PREVIEW && !has_credential_management_preview) return CREDENTIAL_MANAGEMENT;
    if (command == BIO_ENROLLMENT_PREVIEW && !has_bio_enrollment_preview) return BIO_ENROLLMENT;
    return command;
}

static int send_message(fido_dev_t *device, uint8_t command, const unsigned char *data, size_t length)
{
    (void)device;
    unsigned char message[8192];
    switch (command) {
    case CTAP_CMD_INIT:
        if (length != sizeof init.nonce) return -1;
        memcpy(init.nonce, data, length);
        return 0;
    case CTAP_CMD_CANCEL:
        // What would be cancelled has been answered by now.
        return 0;
    case CTAP_CMD_CBOR:
        if (length == 0 || length > sizeof message) return -1;
        memcpy(message, data, length);
        message[0] = current(message[0]);
        return pipe_send(command, message, length);
    default:
        return pipe_send(command, data, length);
    }
}

// The text strings of two options, each after a byte that says its length.
static void remember_previews(const void *info, size_t length)
{
    static const char credentials[] = "\x75" "credentialMgmtPreview", fingers[] = "\x78\x1buserVerificationMgmtPreview";
    has_credential_management_preview |= memmem(info, length, credentials, sizeof credentials - 1) != NULL;
    has_bio_enrollment_preview |= memmem(info, length, fingers, sizeof fingers - 1) != NULL;
}

static int receive_message(fido_dev_t *device, uint8_t command, unsigned char *data, size_t room, int milliseconds)
{
    (void)device;
    if (command == CTAP_CMD_INIT) {
        if (room < sizeof init) return -1;
        memcpy(data, &init, sizeof init);
        return sizeof init;
    }
    int length = pipe_receive(data, room, milliseconds);
    if (length > 0 && command == CTAP_CMD_CBOR) remember_previews(data, (size_t)length);
    return length;
}

static int open_device(fido_dev_t *device)
{
    const fido_dev_io_t io = {open_child, close_child, no_read, no_write};
    const fido_dev_transport_t transport = {receive_message, send_message};
    int status = fido_dev_set_io_functions(device, &io);
    if (status == FIDO_OK) status = fido_dev_set_transport_functions(device, &transport);
    return status == FIDO_OK ? fido_dev_open(device, by_pipe.name) : status;
}

static void cycle_power(void)
{
    // Without its child, nothing that follows says anything.
    if (pipe_send(PIPE_POWER_CYCLE, NULL, 0) != 0 || pipe_receive(NULL, 0, -1) != 0) abort();
}

const struct way by_pipe = {"ctap2_pipe", pipe_start, open_device, cycle_power, pipe_stop};
