// The authenticator's configuration.

#include "checks.h"

#include <fido/config.h>

static uint64_t minimum(fido_dev_t *device)
{
    fido_cbor_info_t *info = info_of(device);
    uint64_t length = fido_cbor_info_minpinlen(info);
    fido_cbor_info_free(&info);
    return length;
}

static bool new_pin_required(fido_dev_t *device)
{
    fido_cbor_info_t *info = info_of(device);
    bool required = fido_cbor_info_new_pin_required(info);
    fido_cbor_info_free(&info);
    return required;
}

static void always_uv(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_cred_t *credential = made(device, "alice", FIDO_OPT_FALSE, PIN);
    bool before = option(device, "alwaysUv");
    OK(fido_dev_toggle_always_uv(device, PIN));
    EXPECT(option(device, "alwaysUv") == !before);
    if (before) OK(fido_dev_toggle_always_uv(device, PIN));
    fido_assert_t *assertion = new_assertion(credential);
    REFUSED(FIDO_ERR_PIN_REQUIRED, fido_dev_get_assert(device, assertion, NULL));
    OK(fido_dev_get_assert(device, assertion, PIN));
    OK(fido_dev_toggle_always_uv(device, PIN));
    EXPECT(!option(device, "alwaysUv"));
    OK(fido_dev_get_assert(device, assertion, NULL));
    fido_assert_free(&assertion);
    fido_cred_free(&credential);
}

static void longer_pins(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, "123456", NULL));
    EXPECT(minimum(device) == 4);
    REFUSED(FIDO_ERR_PIN_INVALID, fido_dev_set_pin_minlen(device, 6, WRONG_PIN));
    OK(fido_dev_set_pin_minlen(device, 6, "123456"));
    EXPECT(minimum(device) == 6 && !new_pin_required(device));
    REFUSED(FIDO_ERR_PIN_POLICY_VIOLATION, fido_dev_set_pin(device, "12345", "123456"));
    REFUSED(FIDO_ERR_PIN_POLICY_VIOLATION, fido_dev_set_pin_minlen(device, 5, "123456"));
    OK(fido_dev_set_pin(device, "654321", "123456"));
    OK(fido_dev_reset(device));
    EXPECT(minimum(device) == 4);
}

static void too_short_now(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, "1234", NULL));
    OK(fido_dev_set_pin_minlen(device, 8, "1234"));
    EXPECT(minimum(device) == 8 && new_pin_required(device));
    OK(fido_dev_set_pin(device, "12345678", "1234"));
    EXPECT(!new_pin_required(device));
}

static void forced_change(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    EXPECT(!new_pin_required(device));
    OK(fido_dev_force_pin_change(device, PIN));
    EXPECT(new_pin_required(device));
    fido_cred_t *credential = new_credential(COSE_ES256, "alice");
    int status = fido_dev_make_cred(device, credential, PIN);
    // CTAP 2.1 §6.5.5.7.1 and §6.5.5.7.2 differ.
    EXPECT(status == FIDO_ERR_PIN_INVALID || status == FIDO_ERR_PIN_POLICY_VIOLATION);
    REFUSED(FIDO_ERR_PIN_POLICY_VIOLATION, fido_dev_set_pin(device, PIN, PIN));
    OK(fido_dev_set_pin(device, OTHER_PIN, PIN));
    EXPECT(!new_pin_required(device));
    make(device, credential, OTHER_PIN);
    fido_cred_free(&credential);
}

static void enterprise_attestation(fido_dev_t *device)
{
    // It leaves the factory enabled, and no reset.
    EXPECT(option(device, "ep"));
    OK(fido_dev_reset(device));
    EXPECT(!option(device, "ep"));
    open_again(device);
    OK(fido_dev_set_pin(device, PIN, NULL));
    OK(fido_dev_enable_entattest(device, PIN));
    EXPECT(option(device, "ep"));
    OK(fido_dev_enable_entattest(device, PIN));
    OK(fido_dev_reset(device));
    EXPECT(!option(device, "ep"));
}

static void without_pin(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    REFUSED(FIDO_ERR_PIN_REQUIRED, fido_dev_force_pin_change(device, NULL));
    REFUSED(FIDO_ERR_PIN_REQUIRED, fido_dev_toggle_always_uv(device, NULL));
    EXPECT(!new_pin_required(device));
}

const struct check config_checks[] = {
    {"authenticatorConfig: alwaysUv is switched, and holds", always_uv, NULL},
    {"authenticatorConfig: the minimum PIN length goes up, and not down but by a reset", longer_pins, NULL},
    {"authenticatorConfig: a PIN that is now too short has to be changed", too_short_now, NULL},
    {"authenticatorConfig: a change of the PIN is forced", forced_change, NULL},
    {"authenticatorConfig: enterprise attestation is enabled until a reset", enterprise_attestation, NULL},
    {"authenticatorConfig: nothing is changed without the PIN", without_pin, NULL},
    {NULL, NULL, NULL},
};
