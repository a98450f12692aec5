// libfido2's own CTAPHID: channels, signs of life, cancels, and several at once.

#include "checks.h"
#include "hid.h"
#include "way.h"

#include <pthread.h>
#include <unistd.h>

#define LONG_ID 900
// maxCredentialCountInList is 8.
#define UNKNOWN 7

// What somebody else does while the check waits.
struct meanwhile {
    pthread_t thread;
    void (*act)(fido_dev_t *);
    fido_dev_t *device;
};

static void *begin(void *argument)
{
    struct meanwhile *meanwhile = argument;
    hid_waits();
    meanwhile->act(meanwhile->device);
    return NULL;
}

static void at_the_same_time(struct meanwhile *meanwhile)
{
    EXPECT(pthread_create(&meanwhile->thread, NULL, begin, meanwhile) == 0);
}

static void touch(fido_dev_t *device)
{
    (void)device;
    hid_told("touch");
}

static void deny(fido_dev_t *device)
{
    (void)device;
    hid_told("deny");
}

static void cancel(fido_dev_t *device)
{
    OK(fido_dev_cancel(device));
}

// What making a credential comes to while somebody does this.
static int while_somebody(void (*act)(fido_dev_t *), fido_dev_t *device)
{
    struct meanwhile meanwhile = {.act = act, .device = device};
    fido_cred_t *credential = new_credential(COSE_ES256, "alice");
    at_the_same_time(&meanwhile);
    int status = fido_dev_make_cred(device, credential, NULL);
    pthread_join(meanwhile.thread, NULL);
    if (status == FIDO_OK) OK(fido_cred_verify(credential));
    fido_cred_free(&credential);
    return status;
}

static void described(fido_dev_t *device)
{
    EXPECT(fido_dev_protocol(device) == 2);
    EXPECT(fido_dev_flags(device) == (FIDO_CAP_WINK | FIDO_CAP_CBOR));
    EXPECT(fido_dev_is_fido2(device));
    detail("version %d of CTAPHID, capabilities %#04x", fido_dev_protocol(device), fido_dev_flags(device));
}

static void told(fido_dev_t *device)
{
    fido_cbor_info_t *info = info_of(device);
    EXPECT(fido_cbor_info_versions_len(info) >= 3);
    EXPECT(fido_cbor_info_maxmsgsiz(info) > 1024);
    EXPECT(option(device, "rk") && !option(device, "clientPin"));
    fido_cbor_info_free(&info);
}

static void many_packets(fido_dev_t *device)
{
    unsigned char id[LONG_ID];
    fido_cred_t *held = made(device, "alice", FIDO_OPT_OMIT, NULL);
    fido_cred_t *refused = new_credential(COSE_ES256, "bob");
    for (int i = 0; i < UNKNOWN; i++) {
        random_bytes(id, sizeof id);
        OK(fido_cred_exclude(refused, id, sizeof id));
    }
    OK(fido_cred_exclude(refused, fido_cred_id_ptr(held), fido_cred_id_len(held)));
    REFUSED(FIDO_ERR_CREDENTIAL_EXCLUDED, fido_dev_make_cred(device, refused, NULL));
    detail("%d bytes of ids", UNKNOWN * LONG_ID);
    fido_cred_free(&held);
    fido_cred_free(&refused);
}

static void touched(fido_dev_t *device)
{
    OK(while_somebody(touch, device));
}

static void denied(fido_dev_t *device)
{
    REFUSED(FIDO_ERR_OPERATION_DENIED, while_somebody(deny, device));
}

static void cancelled(fido_dev_t *device)
{
    REFUSED(FIDO_ERR_KEEPALIVE_CANCEL, while_somebody(cancel, device));
    // The channel is as it was.
    OK(while_somebody(touch, device));
}

static void selected(fido_dev_t *device)
{
    int is_touched = 0;
    OK(fido_dev_get_touch_begin(device));
    OK(fido_dev_get_touch_status(device, &is_touched, 200));
    EXPECT(!is_touched);
    hid_told("touch");
    OK(fido_dev_get_touch_status(device, &is_touched, 5000));
    EXPECT(is_touched);
}

// Another opens the device, and is told that it is busy; the one that waits goes on waiting.
static void somebody_else(fido_dev_t *device)
{
    (void)device;
    fido_dev_t *other = fido_dev_new();
    EXPECT(other != NULL);
    // libfido2 asks for getInfo at once, which is refused for as long as the device is busy.
    int status = way->open(other);
    EXPECT(status == FIDO_OK || status == FIDO_ERR_RX);
    EXPECT(!fido_dev_is_fido2(other));
    fido_dev_close(other);
    fido_dev_free(&other);
    hid_told("touch");
}

static void busy(fido_dev_t *device)
{
    OK(while_somebody(somebody_else, device));
}

static void timed_out(fido_dev_t *device)
{
    OK(fido_dev_set_timeout(device, 500));
    fido_cred_t *credential = new_credential(COSE_ES256, "alice");
    REFUSED(FIDO_ERR_RX, fido_dev_make_cred(device, credential, NULL));
    OK(fido_dev_set_timeout(device, -1));
    // The device waits on, for nobody, and is busy until that ends.
    OK(fido_dev_cancel(device));
    OK(fido_dev_close(device));
    while (fido_dev_open(device, way->name) != FIDO_OK) usleep(10000);
    hid_told("touch");
    make(device, credential, NULL);
    fido_cred_free(&credential);
}

static void power_lost(fido_dev_t *device)
{
    fido_cred_t *credential = made(device, "alice", FIDO_OPT_TRUE, NULL);
    hid_told("power-cycle");
    fido_assert_t *assertion = new_assertion(credential);
    REFUSED(FIDO_ERR_RX, fido_dev_get_assert(device, assertion, NULL));
    open_again(device);
    fido_assert_free(&assertion);
    assertion = asserted(device, credential, NULL);
    fido_assert_free(&assertion);
    fido_cred_free(&credential);
}

const struct check channel_checks[] = {
    {"CTAPHID: a channel is opened, and says what there is", described, NULL},
    {"CTAPHID: getInfo comes in several packets", told, NULL},
    {"CTAPHID: a request goes in many packets", many_packets, NULL},
    {"CTAPHID: a touch is waited for", touched, "user=none"},
    {"CTAPHID: who holds the device says no", denied, "user=none"},
    {"CTAPHID: a wait is cancelled, and the channel stays", cancelled, "user=none"},
    {"CTAPHID: a touch selects the device, and its absence is seen", selected, "user=none"},
    {"CTAPHID: a second client is refused while the first waits", busy, "user=none"},
    {"CTAPHID: libfido2's own time limit ends a wait", timed_out, "user=none"},
    {"CTAPHID: a channel goes with the power", power_lost, NULL},
    {NULL, NULL, NULL},
};
