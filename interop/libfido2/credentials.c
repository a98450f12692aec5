// Credentials and assertions.

#include "checks.h"

#include <string.h>

static void describes_itself(fido_dev_t *device)
{
    fido_cbor_info_t *info = info_of(device);
    char **versions = fido_cbor_info_versions_ptr(info);
    size_t count = fido_cbor_info_versions_len(info);
    bool has_2_0 = false;
    for (size_t i = 0; i < count; i++) has_2_0 |= strcmp(versions[i], "FIDO_2_0") == 0;
    EXPECT(has_2_0);
    EXPECT(fido_cbor_info_aaguid_len(info) == 16);
    EXPECT(option(device, "rk") && option(device, "up"));
    EXPECT(fido_dev_supports_pin(device) && !fido_dev_has_pin(device) && !fido_dev_has_uv(device));
    detail("%zu versions, the last is %s", count, versions[count - 1]);
    fido_cbor_info_free(&info);
}

static void verified(fido_dev_t *device, int algorithm)
{
    fido_cred_t *credential = new_credential(algorithm, "alice");
    make(device, credential, NULL);
    EXPECT(fido_cred_type(credential) == algorithm);
    EXPECT(fido_cred_flags(credential) & CTAP_AUTHDATA_USER_PRESENT);
    EXPECT(!(fido_cred_flags(credential) & CTAP_AUTHDATA_USER_VERIFIED));
    fido_assert_t *assertion = asserted(device, credential, NULL);
    EXPECT(fido_assert_flags(assertion, 0) == CTAP_AUTHDATA_USER_PRESENT);
    detail("%s", fido_cred_fmt(credential));
    fido_assert_free(&assertion);
    fido_cred_free(&credential);
}

static void verified_es256(fido_dev_t *device)
{
    verified(device, COSE_ES256);
}

static void verified_eddsa(fido_dev_t *device)
{
    verified(device, COSE_EDDSA);
}

static void altered_signature(fido_dev_t *device)
{
    fido_cred_t *credential = made(device, "alice", FIDO_OPT_OMIT, NULL);
    fido_assert_t *assertion = asserted(device, credential, NULL);
    unsigned char signature[128];
    size_t length = fido_assert_sig_len(assertion, 0);
    EXPECT(length <= sizeof signature);
    memcpy(signature, fido_assert_sig_ptr(assertion, 0), length);
    // The last byte belongs to the number s, so the DER structure stays whole.
    signature[length - 1] ^= 1;
    OK(fido_assert_set_sig(assertion, 0, signature, length));
    REFUSED(FIDO_ERR_INVALID_SIG, verify(assertion, 0, credential));
    fido_assert_free(&assertion);
    fido_cred_free(&credential);
}

static void discoverable(fido_dev_t *device)
{
    fido_cred_t *credential = made(device, "alice", FIDO_OPT_TRUE, NULL);
    fido_assert_t *assertion = new_assertion(NULL);
    OK(fido_dev_get_assert(device, assertion, NULL));
    OK(verify(assertion, 0, credential));
    EXPECT(fido_assert_count(assertion) == 1 && is_of(assertion, 0, credential));
    EXPECT(fido_assert_user_id_len(assertion, 0) == strlen("alice"));
    EXPECT(memcmp(fido_assert_user_id_ptr(assertion, 0), "alice", strlen("alice")) == 0);
    // Without user verification the name is nobody's business.
    EXPECT(fido_assert_user_name(assertion, 0) == NULL);
    fido_assert_free(&assertion);
    fido_cred_free(&credential);
}

static void several_accounts(fido_dev_t *device)
{
    fido_cred_t *accounts[] = {
        made(device, "alice", FIDO_OPT_TRUE, NULL),
        made(device, "bob", FIDO_OPT_TRUE, NULL),
        made(device, "carol", FIDO_OPT_TRUE, NULL),
    };
    fido_assert_t *assertion = new_assertion(NULL);
    OK(fido_dev_get_assert(device, assertion, NULL));
    EXPECT(fido_assert_count(assertion) == 3);
    for (size_t i = 0; i < 3; i++) {
        EXPECT(is_of(assertion, i, accounts[2 - i]));
        OK(verify(assertion, i, accounts[2 - i]));
    }
    fido_assert_free(&assertion);
    for (size_t i = 0; i < 3; i++) fido_cred_free(&accounts[i]);
}

static void same_account(fido_dev_t *device)
{
    fido_cred_t *first = made(device, "alice", FIDO_OPT_TRUE, NULL);
    fido_cred_t *second = made(device, "alice", FIDO_OPT_TRUE, NULL);
    fido_assert_t *assertion = new_assertion(NULL);
    OK(fido_dev_get_assert(device, assertion, NULL));
    EXPECT(fido_assert_count(assertion) == 1 && is_of(assertion, 0, second));
    fido_assert_free(&assertion);
    assertion = new_assertion(first);
    REFUSED(FIDO_ERR_NO_CREDENTIALS, fido_dev_get_assert(device, assertion, NULL));
    fido_assert_free(&assertion);
    fido_cred_free(&first);
    fido_cred_free(&second);
}

static void excluded(fido_dev_t *device)
{
    fido_cred_t *first = made(device, "alice", FIDO_OPT_OMIT, NULL);
    fido_cred_t *second = new_credential(COSE_ES256, "bob");
    OK(fido_cred_exclude(second, fido_cred_id_ptr(first), fido_cred_id_len(first)));
    REFUSED(FIDO_ERR_CREDENTIAL_EXCLUDED, fido_dev_make_cred(device, second, NULL));
    OK(fido_cred_set_rp(second, "elsewhere.example", NULL));
    make(device, second, NULL);
    fido_cred_free(&first);
    fido_cred_free(&second);
}

static void another_relying_party(fido_dev_t *device)
{
    fido_cred_t *credential = made(device, "alice", FIDO_OPT_TRUE, NULL);
    fido_assert_t *assertion = new_assertion(credential);
    OK(fido_assert_set_rp(assertion, "elsewhere.example"));
    REFUSED(FIDO_ERR_NO_CREDENTIALS, fido_dev_get_assert(device, assertion, NULL));
    fido_assert_free(&assertion);
    fido_cred_free(&credential);
}

static void counter(fido_dev_t *device)
{
    fido_cred_t *credential = made(device, "alice", FIDO_OPT_OMIT, NULL);
    fido_assert_t *first = asserted(device, credential, NULL);
    fido_assert_t *second = asserted(device, credential, NULL);
    EXPECT(fido_assert_sigcount(second, 0) > fido_assert_sigcount(first, 0));
    detail("%u, then %u", fido_assert_sigcount(first, 0), fido_assert_sigcount(second, 0));
    fido_assert_free(&first);
    fido_assert_free(&second);
    fido_cred_free(&credential);
}

static void silent(fido_dev_t *device)
{
    fido_cred_t *credential = made(device, "alice", FIDO_OPT_OMIT, NULL);
    fido_assert_t *assertion = new_assertion(credential);
    OK(fido_assert_set_up(assertion, FIDO_OPT_FALSE));
    OK(fido_dev_get_assert(device, assertion, NULL));
    EXPECT(fido_assert_flags(assertion, 0) == 0);
    OK(verify(assertion, 0, credential));
    fido_assert_free(&assertion);
    fido_cred_free(&credential);
}

static void declined(fido_dev_t *device)
{
    fido_cred_t *credential = new_credential(COSE_ES256, "alice");
    REFUSED(FIDO_ERR_OPERATION_DENIED, fido_dev_make_cred(device, credential, NULL));
    fido_cred_free(&credential);
}

static void touched(fido_dev_t *device)
{
    int touched = 0;
    OK(fido_dev_get_touch_begin(device));
    OK(fido_dev_get_touch_status(device, &touched, 5000));
    EXPECT(touched == 1);
}

static void touched_with_pin(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    touched(device);
    int retries = 0;
    OK(fido_dev_get_retry_count(device, &retries));
    EXPECT(retries == 8);
}

const struct check credential_checks[] = {
    {"an authenticator is opened, and describes itself", describes_itself, NULL},
    {"a credential and an assertion by ES256 are verified", verified_es256, NULL},
    {"a credential and an assertion by EdDSA are verified", verified_eddsa, NULL},
    {"a signature with another bit is not verified", altered_signature, NULL},
    {"a discoverable credential is found without its id, and tells the user's id alone", discoverable, NULL},
    {"of several accounts the newest comes first", several_accounts, NULL},
    {"a discoverable credential of the same account takes the place of the first", same_account, NULL},
    {"an excluded credential is told, except to another relying party", excluded, NULL},
    {"another relying party gets no assertion", another_relying_party, NULL},
    {"the signature counter goes up", counter, NULL},
    {"an assertion is given without user presence, and says so", silent, NULL},
    {"a user says no", declined, "user=denied"},
    {"a touch selects an authenticator without a PIN", touched, NULL},
    {"a touch selects an authenticator with a PIN, and costs no retry", touched_with_pin, NULL},
    {NULL, NULL, NULL},
};
