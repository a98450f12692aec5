// Reset.

#include "checks.h"

static void forgets(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_cred_t *kept = made(device, "alice", FIDO_OPT_TRUE, PIN);
    fido_cred_t *other = made(device, "bob", FIDO_OPT_OMIT, PIN);
    OK(fido_dev_reset(device));
    open_again(device);
    EXPECT(!fido_dev_has_pin(device));
    fido_assert_t *assertion = new_assertion(kept);
    REFUSED(FIDO_ERR_NO_CREDENTIALS, fido_dev_get_assert(device, assertion, NULL));
    OK(fido_assert_allow_cred(assertion, fido_cred_id_ptr(other), fido_cred_id_len(other)));
    REFUSED(FIDO_ERR_NO_CREDENTIALS, fido_dev_get_assert(device, assertion, NULL));
    fido_assert_free(&assertion);
    fido_cred_free(&kept);
    fido_cred_free(&other);
}

static void unblocks(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    for (int i = 0; i < 8; i++) {
        fido_cred_t *credential = new_credential(COSE_ES256, "alice");
        EXPECT(fido_dev_make_cred(device, credential, WRONG_PIN) != FIDO_OK);
        fido_cred_free(&credential);
        power_cycle();
    }
    fido_cred_t *credential = new_credential(COSE_ES256, "alice");
    REFUSED(FIDO_ERR_PIN_BLOCKED, fido_dev_make_cred(device, credential, PIN));
    OK(fido_dev_reset(device));
    open_again(device);
    OK(fido_dev_set_pin(device, OTHER_PIN, NULL));
    make(device, credential, OTHER_PIN);
    fido_cred_free(&credential);
}

static void too_late(fido_dev_t *device)
{
    fido_cred_t *credential = made(device, "alice", FIDO_OPT_OMIT, NULL);
    later(11);
    REFUSED(FIDO_ERR_NOT_ALLOWED, fido_dev_reset(device));
    fido_assert_t *assertion = asserted(device, credential, NULL);
    fido_assert_free(&assertion);
    power_cycle();
    OK(fido_dev_reset(device));
    fido_cred_free(&credential);
}

const struct check reset_checks[] = {
    {"a reset ends the PIN and every credential", forgets, NULL},
    {"a reset helps where the PIN is blocked", unblocks, NULL},
    {NULL, NULL, NULL},
};

const struct check late_reset_checks[] = {
    {"a reset is not allowed more than ten seconds after the power came", too_late, "reset_within=10"},
    {NULL, NULL, NULL},
};
