// The PIN.

#include "checks.h"

static int retries_of(fido_dev_t *device)
{
    int retries = -1;
    OK(fido_dev_get_retry_count(device, &retries));
    return retries;
}

static int try_pin(fido_dev_t *device, const char *pin)
{
    fido_cred_t *credential = new_credential(COSE_ES256, "alice");
    int status = fido_dev_make_cred(device, credential, pin);
    fido_cred_free(&credential);
    return status;
}

static void set(fido_dev_t *device)
{
    EXPECT(!option(device, "clientPin"));
    OK(fido_dev_set_pin(device, PIN, NULL));
    EXPECT(option(device, "clientPin"));
    REFUSED(FIDO_ERR_PIN_AUTH_INVALID, fido_dev_set_pin(device, OTHER_PIN, NULL));
    OK(try_pin(device, PIN));
}

static void changed(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    REFUSED(FIDO_ERR_PIN_INVALID, fido_dev_set_pin(device, OTHER_PIN, WRONG_PIN));
    OK(fido_dev_set_pin(device, OTHER_PIN, PIN));
    REFUSED(FIDO_ERR_PIN_INVALID, try_pin(device, PIN));
    OK(try_pin(device, OTHER_PIN));
}

static void too_short(fido_dev_t *device)
{
    // Four bytes, which libfido2 lets pass, but two characters.
    REFUSED(FIDO_ERR_PIN_POLICY_VIOLATION, fido_dev_set_pin(device, "üü", NULL));
    EXPECT(!option(device, "clientPin"));
}

static void counted(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    EXPECT(retries_of(device) == 8);
    REFUSED(FIDO_ERR_PIN_INVALID, try_pin(device, WRONG_PIN));
    REFUSED(FIDO_ERR_PIN_INVALID, try_pin(device, WRONG_PIN));
    EXPECT(retries_of(device) == 6);
    OK(try_pin(device, PIN));
    EXPECT(retries_of(device) == 8);
}

static void three_misses(fido_dev_t *device)
{
    REFUSED(FIDO_ERR_PIN_INVALID, try_pin(device, WRONG_PIN));
    REFUSED(FIDO_ERR_PIN_INVALID, try_pin(device, WRONG_PIN));
    REFUSED(FIDO_ERR_PIN_AUTH_BLOCKED, try_pin(device, WRONG_PIN));
}

static void blocked_until_power_cycle(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    three_misses(device);
    REFUSED(FIDO_ERR_PIN_AUTH_BLOCKED, try_pin(device, PIN));
    EXPECT(retries_of(device) == 5);
    power_cycle();
    OK(try_pin(device, PIN));
    EXPECT(retries_of(device) == 8);
}

static void blocked(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    three_misses(device);
    power_cycle();
    three_misses(device);
    power_cycle();
    REFUSED(FIDO_ERR_PIN_INVALID, try_pin(device, WRONG_PIN));
    REFUSED(FIDO_ERR_PIN_BLOCKED, try_pin(device, WRONG_PIN));
    power_cycle();
    REFUSED(FIDO_ERR_PIN_BLOCKED, try_pin(device, PIN));
    EXPECT(retries_of(device) == 0);
}

static void required(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_cred_t *credential = new_credential(COSE_ES256, "alice");
    OK(fido_cred_set_rk(credential, FIDO_OPT_TRUE));
    REFUSED(FIDO_ERR_PIN_REQUIRED, fido_dev_make_cred(device, credential, NULL));
    fido_cred_free(&credential);
}

static void verifies_the_user(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_cred_t *credential = new_credential(COSE_ES256, "alice");
    OK(fido_cred_set_rk(credential, FIDO_OPT_TRUE));
    // libfido2 then wants the flag, too.
    OK(fido_cred_set_uv(credential, FIDO_OPT_TRUE));
    make(device, credential, PIN);
    fido_assert_t *assertion = new_assertion(NULL);
    OK(fido_assert_set_uv(assertion, FIDO_OPT_TRUE));
    OK(fido_dev_get_assert(device, assertion, PIN));
    OK(verify(assertion, 0, credential));
    fido_assert_free(&assertion);
    assertion = asserted(device, credential, NULL);
    EXPECT(fido_assert_flags(assertion, 0) == CTAP_AUTHDATA_USER_PRESENT);
    fido_assert_free(&assertion);
    fido_cred_free(&credential);
}

static void names_of_accounts(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_cred_t *alice = made(device, "alice", FIDO_OPT_TRUE, PIN);
    fido_cred_t *bob = made(device, "bob", FIDO_OPT_TRUE, PIN);
    fido_assert_t *assertion = new_assertion(NULL);
    OK(fido_dev_get_assert(device, assertion, PIN));
    EXPECT(fido_assert_count(assertion) == 2);
    OK(verify(assertion, 1, alice));
    EXPECT(fido_assert_user_name(assertion, 0) != NULL && fido_assert_user_name(assertion, 1) != NULL);
    detail("%s, %s", fido_assert_user_name(assertion, 0), fido_assert_user_name(assertion, 1));
    fido_assert_free(&assertion);
    fido_cred_free(&alice);
    fido_cred_free(&bob);
}

const struct check pin_checks[] = {
    {"a PIN is set, once", set, NULL},
    {"a PIN is changed by whoever knows it", changed, NULL},
    {"a PIN of too few characters is refused", too_short, NULL},
    {"a wrong PIN costs a retry, and the right one gives them back", counted, NULL},
    {"three misses block the PIN until the power was away", blocked_until_power_cycle, NULL},
    {"eight misses block the PIN", blocked, NULL},
    {"with a PIN set, no discoverable credential is made without", required, NULL},
    {"a PIN verifies the user, in both ceremonies", verifies_the_user, NULL},
    {"who gave the PIN sees the names of several accounts", names_of_accounts, NULL},
    {NULL, NULL, NULL},
};
