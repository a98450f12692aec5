// The extension largeBlobKey, and large blobs.

#include "checks.h"

#include <string.h>

#define KEY 32
// Lengths to cut the text to. libfido2 1.12 seals nothing that has less than 16 bytes when it is compressed.
#define SHORT 40
#define SHORTER 30

static const unsigned char empty_array[] = {0x80};
static const char *const text = "A certificate, perhaps, or a note. A certificate, perhaps, or a note.";

static fido_cred_t *with_key(fido_dev_t *device, const char *user, const char *pin)
{
    fido_cred_t *credential = new_credential(COSE_ES256, user);
    OK(fido_cred_set_rk(credential, FIDO_OPT_TRUE));
    OK(fido_cred_set_extensions(credential, FIDO_EXT_LARGEBLOB_KEY));
    make(device, credential, pin);
    EXPECT(fido_cred_largeblob_key_len(credential) == KEY);
    return credential;
}

static int get(fido_dev_t *device, const fido_cred_t *credential, unsigned char **blob, size_t *length)
{
    return fido_dev_largeblob_get(device, fido_cred_largeblob_key_ptr(credential), KEY, blob, length);
}

static int put(fido_dev_t *device, const fido_cred_t *credential, const void *blob, size_t length, const char *pin)
{
    return fido_dev_largeblob_set(device, fido_cred_largeblob_key_ptr(credential), KEY, blob, length, pin);
}

static void expect_blob(fido_dev_t *device, const fido_cred_t *credential, const void *blob, size_t length)
{
    unsigned char *got = NULL;
    size_t got_length = 0;
    OK(get(device, credential, &got, &got_length));
    EXPECT(got_length == length);
    EXPECT(memcmp(got, blob, length) == 0);
    free(got);
}

static void expect_none(fido_dev_t *device, const fido_cred_t *credential)
{
    unsigned char *got = NULL;
    size_t length = 0;
    REFUSED(FIDO_ERR_NOTFOUND, get(device, credential, &got, &length));
}

static void same_key(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_cred_t *alice = with_key(device, "alice", PIN);
    fido_cred_t *bob = with_key(device, "bob", PIN);
    fido_assert_t *assertion = new_assertion(alice);
    OK(fido_assert_set_extensions(assertion, FIDO_EXT_LARGEBLOB_KEY));
    OK(fido_dev_get_assert(device, assertion, PIN));
    OK(verify(assertion, 0, alice));
    EXPECT(fido_assert_largeblob_key_len(assertion, 0) == KEY);
    EXPECT(memcmp(fido_assert_largeblob_key_ptr(assertion, 0), fido_cred_largeblob_key_ptr(alice), KEY) == 0);
    EXPECT(memcmp(fido_assert_largeblob_key_ptr(assertion, 0), fido_cred_largeblob_key_ptr(bob), KEY) != 0);
    fido_assert_free(&assertion);
    fido_cred_free(&alice);
    fido_cred_free(&bob);
}

static void initial_array(fido_dev_t *device)
{
    unsigned char *array = NULL;
    size_t length = 0;
    OK(fido_dev_largeblob_get_array(device, &array, &length));
    EXPECT(length == sizeof empty_array && array[0] == empty_array[0]);
    free(array);
}

static void kept(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_cred_t *alice = with_key(device, "alice", PIN);
    fido_cred_t *bob = with_key(device, "bob", PIN);
    OK(put(device, alice, text, strlen(text), PIN));
    expect_none(device, bob);
    OK(put(device, bob, text, SHORT, PIN));
    expect_blob(device, alice, text, strlen(text));
    expect_blob(device, bob, text, SHORT);
    OK(put(device, alice, text, SHORTER, PIN));
    expect_blob(device, alice, text, SHORTER);
    OK(fido_dev_largeblob_remove(device, fido_cred_largeblob_key_ptr(alice), KEY, PIN));
    expect_none(device, alice);
    expect_blob(device, bob, text, SHORT);
    fido_cred_free(&alice);
    fido_cred_free(&bob);
}

// More than fits a message of libfido2, which are of 2,048 bytes.
static void fragments(fido_dev_t *device)
{
    unsigned char blob[3500];
    random_bytes(blob, sizeof blob);
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_cred_t *credential = with_key(device, "alice", PIN);
    OK(put(device, credential, blob, sizeof blob, PIN));
    expect_blob(device, credential, blob, sizeof blob);
    fido_cred_free(&credential);
}

static void full_storage(fido_dev_t *device)
{
    static unsigned char blob[65536];
    random_bytes(blob, sizeof blob);
    fido_cbor_info_t *info = info_of(device);
    size_t most = (size_t)fido_cbor_info_maxlargeblob(info);
    fido_cbor_info_free(&info);
    EXPECT(most >= 1024 && most <= sizeof blob);
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_cred_t *credential = with_key(device, "alice", PIN);
    OK(put(device, credential, text, strlen(text), PIN));
    REFUSED(FIDO_ERR_LARGEBLOB_STORAGE_FULL, put(device, credential, blob, most, PIN));
    expect_blob(device, credential, text, strlen(text));
    detail("%zu bytes", most);
    fido_cred_free(&credential);
}

static void whole_array(fido_dev_t *device)
{
    // An array of one map that is nobody's blob: {1: h'00' * 17, 2: h'00' * 12, 3: 1}.
    unsigned char array[] = {
        0x81, 0xa3, 0x01, 0x51, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0x02, 0x4c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0x01,
    };
    unsigned char *got = NULL;
    size_t length = 0;
    OK(fido_dev_set_pin(device, PIN, NULL));
    OK(fido_dev_largeblob_set_array(device, array, sizeof array, PIN));
    OK(fido_dev_largeblob_get_array(device, &got, &length));
    EXPECT(length == sizeof array && memcmp(got, array, length) == 0);
    free(got);
}

static void wrong_pin(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_cred_t *credential = with_key(device, "alice", PIN);
    REFUSED(FIDO_ERR_PIN_INVALID, put(device, credential, text, strlen(text), WRONG_PIN));
    expect_none(device, credential);
    fido_cred_free(&credential);
}

static void ended_by_reset(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_cred_t *credential = with_key(device, "alice", PIN);
    OK(put(device, credential, text, strlen(text), PIN));
    OK(fido_dev_reset(device));
    initial_array(device);
    fido_cred_free(&credential);
}

const struct check large_blob_checks[] = {
    {"largeBlobKey: both ceremonies give a credential's key", same_key, NULL},
    {"large blobs: at first the array is empty", initial_array, NULL},
    {"large blobs: each is read, written over and removed by its key alone", kept, NULL},
    {"large blobs: one of several fragments is kept", fragments, NULL},
    {"large blobs: one that is too long is refused, and the others stay", full_storage, NULL},
    {"large blobs: the whole array is written and read", whole_array, NULL},
    {"large blobs: a wrong PIN writes nothing", wrong_pin, NULL},
    {"large blobs: a reset ends them", ended_by_reset, NULL},
    {NULL, NULL, NULL},
};
