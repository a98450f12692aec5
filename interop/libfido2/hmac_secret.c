// The extension hmac-secret.

#include "checks.h"

#include <string.h>

#define SECRET 32

static fido_cred_t *with_secret(fido_dev_t *device, const char *user, const char *pin)
{
    fido_cred_t *credential = new_credential(COSE_ES256, user);
    OK(fido_cred_set_extensions(credential, FIDO_EXT_HMAC_SECRET));
    make(device, credential, pin);
    return credential;
}

static void secrets(fido_dev_t *device, const fido_cred_t *credential, const unsigned char *salts, size_t count,
                    const char *pin, unsigned char *outputs)
{
    fido_assert_t *assertion = new_assertion(credential);
    OK(fido_assert_set_extensions(assertion, FIDO_EXT_HMAC_SECRET));
    OK(fido_assert_set_hmac_salt(assertion, salts, count * SECRET));
    OK(fido_dev_get_assert(device, assertion, pin));
    OK(verify(assertion, 0, credential));
    EXPECT(fido_assert_hmac_secret_len(assertion, 0) == count * SECRET);
    memcpy(outputs, fido_assert_hmac_secret_ptr(assertion, 0), count * SECRET);
    fido_assert_free(&assertion);
}

static bool equal(const unsigned char *one, const unsigned char *other)
{
    return memcmp(one, other, SECRET) == 0;
}

static void one_salt(fido_dev_t *device)
{
    unsigned char salt[SECRET], first[SECRET], again[SECRET], other[SECRET];
    random_bytes(salt, sizeof salt);
    fido_cred_t *alice = with_secret(device, "alice", NULL);
    fido_cred_t *bob = with_secret(device, "bob", NULL);
    secrets(device, alice, salt, 1, NULL, first);
    secrets(device, alice, salt, 1, NULL, again);
    secrets(device, bob, salt, 1, NULL, other);
    EXPECT(equal(first, again));
    EXPECT(!equal(first, other));
    fido_cred_free(&alice);
    fido_cred_free(&bob);
}

static void two_salts(fido_dev_t *device)
{
    unsigned char salts[2 * SECRET], one[SECRET], both[2 * SECRET];
    random_bytes(salts, sizeof salts);
    fido_cred_t *credential = with_secret(device, "alice", NULL);
    secrets(device, credential, salts, 1, NULL, one);
    secrets(device, credential, salts, 2, NULL, both);
    EXPECT(equal(both, one));
    EXPECT(!equal(both + SECRET, one));
    secrets(device, credential, salts + SECRET, 1, NULL, one);
    EXPECT(equal(both + SECRET, one));
    fido_cred_free(&credential);
}

// Whether user verification makes no difference.
static bool same_with_pin(fido_dev_t *device)
{
    unsigned char salt[SECRET], verified[SECRET], again[SECRET], present[SECRET];
    random_bytes(salt, sizeof salt);
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_cred_t *credential = with_secret(device, "alice", PIN);
    secrets(device, credential, salt, 1, PIN, verified);
    secrets(device, credential, salt, 1, PIN, again);
    secrets(device, credential, salt, 1, NULL, present);
    EXPECT(equal(verified, again));
    fido_cred_free(&credential);
    return equal(verified, present);
}

static void one_secret(fido_dev_t *device)
{
    EXPECT(same_with_pin(device));
}

static void another_secret(fido_dev_t *device)
{
    EXPECT(!same_with_pin(device));
}

const struct check hmac_secret_checks[] = {
    {"hmac-secret: a credential has one secret for one salt, and another credential another", one_salt, NULL},
    {"hmac-secret: two salts give two secrets, each that of its salt", two_salts, NULL},
    {NULL, NULL, NULL},
};

// CTAP 2.0 has one CredRandom for a credential, later versions have two.
const struct check hmac_secret_ctap2_0_checks[] = {
    {"hmac-secret: a PIN gives the same secret", one_secret, NULL},
    {NULL, NULL, NULL},
};

const struct check hmac_secret_uv_checks[] = {
    {"hmac-secret: a PIN gives another secret", another_secret, NULL},
    {NULL, NULL, NULL},
};
