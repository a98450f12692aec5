// The extensions credProtect, credBlob and minPinLength.

#include "checks.h"

#include <fido/config.h>

#include <string.h>

// A discoverable credential with this protection; libfido2 verifies that the output says so.
static fido_cred_t *protected_by(fido_dev_t *device, int protection)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    EXPECT(fido_dev_supports_cred_prot(device));
    fido_cred_t *credential = new_credential(COSE_ES256, "alice");
    OK(fido_cred_set_rk(credential, FIDO_OPT_TRUE));
    OK(fido_cred_set_prot(credential, protection));
    make(device, credential, PIN);
    return credential;
}

static int ask(fido_dev_t *device, const fido_cred_t *credential, const char *pin)
{
    fido_assert_t *assertion = new_assertion(credential);
    int status = fido_dev_get_assert(device, assertion, pin);
    fido_assert_free(&assertion);
    return status;
}

static void optional(fido_dev_t *device)
{
    fido_cred_t *credential = protected_by(device, FIDO_CRED_PROT_UV_OPTIONAL);
    OK(ask(device, NULL, NULL));
    OK(ask(device, credential, NULL));
    fido_cred_free(&credential);
}

static void optional_with_id(fido_dev_t *device)
{
    fido_cred_t *credential = protected_by(device, FIDO_CRED_PROT_UV_OPTIONAL_WITH_ID);
    REFUSED(FIDO_ERR_NO_CREDENTIALS, ask(device, NULL, NULL));
    OK(ask(device, credential, NULL));
    OK(ask(device, NULL, PIN));
    fido_cred_free(&credential);
}

static void uv_required(fido_dev_t *device)
{
    fido_cred_t *credential = protected_by(device, FIDO_CRED_PROT_UV_REQUIRED);
    REFUSED(FIDO_ERR_NO_CREDENTIALS, ask(device, NULL, NULL));
    REFUSED(FIDO_ERR_NO_CREDENTIALS, ask(device, credential, NULL));
    OK(ask(device, credential, PIN));
    OK(ask(device, NULL, PIN));
    fido_cred_free(&credential);
}

// A credential that is made with a blob of this length, and what an assertion gives of it.
static fido_assert_t *with_blob(fido_dev_t *device, const unsigned char *blob, size_t length)
{
    fido_cred_t *credential = new_credential(COSE_ES256, "alice");
    OK(fido_cred_set_rk(credential, FIDO_OPT_TRUE));
    if (length > 0) {
        OK(fido_cred_set_extensions(credential, FIDO_EXT_CRED_BLOB));
        OK(fido_cred_set_blob(credential, blob, length));
    }
    make(device, credential, NULL);
    fido_assert_t *assertion = new_assertion(credential);
    OK(fido_assert_set_extensions(assertion, FIDO_EXT_CRED_BLOB));
    OK(fido_dev_get_assert(device, assertion, NULL));
    OK(verify(assertion, 0, credential));
    fido_cred_free(&credential);
    return assertion;
}

static void blob_kept(fido_dev_t *device)
{
    fido_cbor_info_t *info = info_of(device);
    size_t length = (size_t)fido_cbor_info_maxcredbloblen(info);
    fido_cbor_info_free(&info);
    unsigned char blob[1024];
    EXPECT(length >= 32 && length <= sizeof blob);
    random_bytes(blob, length);
    fido_assert_t *assertion = with_blob(device, blob, length);
    EXPECT(fido_assert_blob_len(assertion, 0) == length);
    EXPECT(memcmp(fido_assert_blob_ptr(assertion, 0), blob, length) == 0);
    detail("%zu bytes", length);
    fido_assert_free(&assertion);
}

static void no_blob(fido_dev_t *device)
{
    fido_assert_t *assertion = with_blob(device, NULL, 0);
    EXPECT(fido_assert_blob_len(assertion, 0) == 0);
    fido_assert_free(&assertion);
}

static int make_with_length(fido_dev_t *device, size_t length)
{
    fido_cred_t *credential = new_credential(COSE_ES256, "alice");
    OK(fido_cred_set_pin_minlen(credential, length));
    OK(fido_dev_make_cred(device, credential, PIN));
    int status = fido_cred_verify(credential);
    fido_cred_free(&credential);
    return status;
}

static void minimum_told(fido_dev_t *device)
{
    const char *const told[] = {"elsewhere.example", RP_ID};
    OK(fido_dev_set_pin(device, PIN, NULL));
    // libfido2 verifies no credential whose extension outputs are not those that were asked for.
    REFUSED(FIDO_ERR_INVALID_PARAM, make_with_length(device, 4));
    OK(fido_dev_set_pin_minlen_rpid(device, told, 2, PIN));
    OK(make_with_length(device, 4));
    OK(fido_dev_set_pin_minlen(device, 6, PIN));
    REFUSED(FIDO_ERR_INVALID_PARAM, make_with_length(device, 4));
    OK(make_with_length(device, 6));
    OK(fido_dev_set_pin_minlen_rpid(device, told, 1, PIN));
    REFUSED(FIDO_ERR_INVALID_PARAM, make_with_length(device, 6));
}

const struct check extension_checks[] = {
    {"credProtect 1: a credential is found without a PIN", optional, NULL},
    {"credProtect 2: a credential is found without a PIN by its id alone", optional_with_id, NULL},
    {"credProtect 3: a credential is not found without a PIN", uv_required, NULL},
    {"credBlob: as many bytes as getInfo says are kept and given back", blob_kept, NULL},
    {"credBlob: a credential without one gives none", no_blob, NULL},
    {"minPinLength: it is told to the relying parties on the list alone", minimum_told, NULL},
    {NULL, NULL, NULL},
};
