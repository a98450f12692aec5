// U2F.

#include "checks.h"

#include <string.h>

static fido_cred_t *registered(fido_dev_t *device)
{
    fido_dev_force_u2f(device);
    fido_cred_t *credential = new_credential(COSE_ES256, "alice");
    make(device, credential, NULL);
    EXPECT(strcmp(fido_cred_fmt(credential), "fido-u2f") == 0);
    return credential;
}

static void both(fido_dev_t *device)
{
    fido_cred_t *credential = registered(device);
    fido_assert_t *first = asserted(device, credential, NULL);
    fido_assert_t *second = asserted(device, credential, NULL);
    EXPECT(fido_assert_flags(first, 0) == CTAP_AUTHDATA_USER_PRESENT);
    EXPECT(fido_assert_sigcount(second, 0) != fido_assert_sigcount(first, 0));
    detail("a key handle of %zu bytes", fido_cred_id_len(credential));
    fido_assert_free(&first);
    fido_assert_free(&second);
    fido_cred_free(&credential);
}

static void known(fido_dev_t *device)
{
    fido_cred_t *first = registered(device);
    fido_cred_t *second = new_credential(COSE_ES256, "alice");
    OK(fido_cred_exclude(second, fido_cred_id_ptr(first), fido_cred_id_len(first)));
    REFUSED(FIDO_ERR_CREDENTIAL_EXCLUDED, fido_dev_make_cred(device, second, NULL));
    fido_cred_free(&first);
    fido_cred_free(&second);
}

static void foreign(fido_dev_t *device)
{
    fido_cred_t *credential = registered(device);
    fido_assert_t *assertion = new_assertion(credential);
    OK(fido_assert_set_rp(assertion, "elsewhere.example"));
    REFUSED(FIDO_ERR_NO_CREDENTIALS, fido_dev_get_assert(device, assertion, NULL));
    fido_assert_free(&assertion);
    fido_cred_free(&credential);
}

static void later_by_ctap2(fido_dev_t *device)
{
    fido_cred_t *credential = registered(device);
    fido_dev_force_fido2(device);
    fido_assert_t *assertion = asserted(device, credential, NULL);
    EXPECT(is_of(assertion, 0, credential));
    fido_assert_free(&assertion);
    fido_cred_free(&credential);
}

static void touched(fido_dev_t *device)
{
    fido_dev_force_u2f(device);
    int touched = 0;
    OK(fido_dev_get_touch_begin(device));
    OK(fido_dev_get_touch_status(device, &touched, 5000));
    EXPECT(touched == 1);
}

const struct check u2f_checks[] = {
    {"U2F: a registration and its authentications are verified", both, NULL},
    {"U2F: an excluded key handle is told", known, NULL},
    {"U2F: another application gets no authentication", foreign, NULL},
    {"U2F: what was registered is asserted by CTAP2", later_by_ctap2, NULL},
    {"U2F: a touch selects an authenticator", touched, NULL},
    {NULL, NULL, NULL},
};
