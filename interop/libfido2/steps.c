// The steps that most checks take.

#include "checks.h"
#include "pipe.h"
#include "way.h"

#include <fido/eddsa.h>
#include <fido/es256.h>

#include <openssl/rand.h>
#include <string.h>

void random_bytes(unsigned char *bytes, size_t length)
{
    EXPECT(RAND_bytes(bytes, (int)length) == 1);
}

// libfido2 reads getInfo when a device is opened, and not again.
void open_again(fido_dev_t *device)
{
    OK(fido_dev_close(device));
    OK(fido_dev_open(device, way->name));
}

void power_cycle(void)
{
    way->power_cycle();
}

void later(unsigned seconds)
{
    unsigned by = seconds * 1000;
    unsigned char data[] = {
        (unsigned char)(by >> 24), (unsigned char)(by >> 16), (unsigned char)(by >> 8), (unsigned char)by,
    };
    EXPECT(pipe_send(PIPE_CLOCK, data, sizeof data) == 0);
    EXPECT(pipe_receive(NULL, 0, -1) == 0);
}

fido_cbor_info_t *info_of(fido_dev_t *device)
{
    fido_cbor_info_t *info = fido_cbor_info_new();
    EXPECT(info != NULL);
    OK(fido_dev_get_cbor_info(device, info));
    return info;
}

bool option(fido_dev_t *device, const char *name)
{
    fido_cbor_info_t *info = info_of(device);
    char **names = fido_cbor_info_options_name_ptr(info);
    bool value = false;
    for (size_t i = 0; i < fido_cbor_info_options_len(info); i++)
        if (strcmp(names[i], name) == 0) value = fido_cbor_info_options_value_ptr(info)[i];
    fido_cbor_info_free(&info);
    return value;
}

fido_cred_t *new_credential(int algorithm, const char *user)
{
    unsigned char challenge[32];
    random_bytes(challenge, sizeof challenge);
    fido_cred_t *credential = fido_cred_new();
    EXPECT(credential != NULL);
    OK(fido_cred_set_type(credential, algorithm));
    OK(fido_cred_set_clientdata(credential, challenge, sizeof challenge));
    OK(fido_cred_set_rp(credential, RP_ID, "Example"));
    OK(fido_cred_set_user(credential, (const unsigned char *)user, strlen(user), user, user, NULL));
    return credential;
}

void make(fido_dev_t *device, fido_cred_t *credential, const char *pin)
{
    OK(fido_dev_make_cred(device, credential, pin));
    OK(fido_cred_verify(credential));
}

fido_cred_t *made(fido_dev_t *device, const char *user, fido_opt_t discoverable, const char *pin)
{
    fido_cred_t *credential = new_credential(COSE_ES256, user);
    OK(fido_cred_set_rk(credential, discoverable));
    make(device, credential, pin);
    return credential;
}

fido_assert_t *new_assertion(const fido_cred_t *credential)
{
    unsigned char challenge[32];
    random_bytes(challenge, sizeof challenge);
    fido_assert_t *assertion = fido_assert_new();
    EXPECT(assertion != NULL);
    OK(fido_assert_set_clientdata(assertion, challenge, sizeof challenge));
    OK(fido_assert_set_rp(assertion, RP_ID));
    if (credential != NULL)
        OK(fido_assert_allow_cred(assertion, fido_cred_id_ptr(credential), fido_cred_id_len(credential)));
    return assertion;
}

int verify(const fido_assert_t *assertion, size_t index, const fido_cred_t *credential)
{
    const unsigned char *key = fido_cred_pubkey_ptr(credential);
    size_t length = fido_cred_pubkey_len(credential);
    int status;
    if (fido_cred_type(credential) == COSE_EDDSA) {
        eddsa_pk_t *eddsa = eddsa_pk_new();
        OK(eddsa_pk_from_ptr(eddsa, key, length));
        status = fido_assert_verify(assertion, index, COSE_EDDSA, eddsa);
        eddsa_pk_free(&eddsa);
    } else {
        es256_pk_t *es256 = es256_pk_new();
        OK(es256_pk_from_ptr(es256, key, length));
        status = fido_assert_verify(assertion, index, COSE_ES256, es256);
        es256_pk_free(&es256);
    }
    return status;
}

fido_assert_t *asserted(fido_dev_t *device, const fido_cred_t *credential, const char *pin)
{
    fido_assert_t *assertion = new_assertion(credential);
    OK(fido_dev_get_assert(device, assertion, pin));
    EXPECT(fido_assert_count(assertion) == 1);
    OK(verify(assertion, 0, credential));
    return assertion;
}

bool is_of(const fido_assert_t *assertion, size_t index, const fido_cred_t *credential)
{
    size_t length = fido_assert_id_len(assertion, index);
    return length == fido_cred_id_len(credential)
        && memcmp(fido_assert_id_ptr(assertion, index), fido_cred_id_ptr(credential), length) == 0;
}
