// New keys.

#include "provider.h"

#include <fido/credman.h>

#include <stdlib.h>
#include <string.h>

static void free_response(struct sk_enroll_response *response)
{
    free(response->public_key);
    free(response->key_handle);
    free(response->signature);
    free(response->attestation_cert);
    free(response->authdata);
    free(response);
}

static struct sk_enroll_response *response_of(const fido_cred_t *made, uint8_t flags)
{
    struct sk_enroll_response *response = calloc(1, sizeof *response);
    if (response == NULL) return NULL;
    response->flags = flags;
    if (provider_public_key(made, &response->public_key, &response->public_key_len) < 0
        || provider_copy(fido_cred_id_ptr(made), fido_cred_id_len(made), &response->key_handle,
                         &response->key_handle_len) < 0
        || provider_copy(fido_cred_sig_ptr(made), fido_cred_sig_len(made), &response->signature,
                         &response->signature_len) < 0
        || provider_copy(fido_cred_x5c_ptr(made), fido_cred_x5c_len(made), &response->attestation_cert,
                         &response->attestation_cert_len) < 0
        || provider_copy(fido_cred_authdata_ptr(made), fido_cred_authdata_len(made), &response->authdata,
                         &response->authdata_len) < 0) {
        free_response(response);
        return NULL;
    }
    return response;
}

static bool has_user(const fido_credman_rk_t *list, const uint8_t user_id[USER_ID_LENGTH])
{
    for (size_t i = 0; i < fido_credman_rk_count(list); i++) {
        const fido_cred_t *kept = fido_credman_rk(list, i);
        if (fido_cred_user_id_len(kept) == USER_ID_LENGTH
            && memcmp(fido_cred_user_id_ptr(kept), user_id, USER_ID_LENGTH) == 0)
            return true;
    }
    return false;
}

// A resident key of this user would be overwritten, so OpenSSH asks its user first. Without a PIN nothing can be listed.
static int check_resident(fido_dev_t *device, const char *application, const uint8_t *user_id, const char *pin)
{
    if (!fido_dev_supports_credman(device)) return 0;
    if (pin == NULL) return fido_dev_has_pin(device) ? SSH_SK_ERR_PIN_REQUIRED : 0;
    fido_credman_rk_t *list = fido_credman_rk_new();
    int status = fido_credman_get_dev_rk(device, application, list, pin);
    int result = status == FIDO_ERR_NO_CREDENTIALS ? 0 : provider_result(status, "fido_credman_get_dev_rk");
    if (result == 0 && has_user(list, user_id)) result = SSH_SK_ERR_CREDENTIAL_EXISTS;
    fido_credman_rk_free(&list);
    return result;
}

// The protection says on the authenticator what the flag says in the key, for who downloads it.
static int set_protection(fido_dev_t *device, fido_cred_t *credential, uint8_t flags)
{
    if (!(flags & (SSH_SK_RESIDENT_KEY | SSH_SK_USER_VERIFICATION_REQD))) return 0;
    if (!fido_dev_supports_cred_prot(device)) return 0;
    return RESULT(fido_cred_set_prot(credential, flags & SSH_SK_USER_VERIFICATION_REQD
                                                     ? FIDO_CRED_PROT_UV_REQUIRED
                                                     : FIDO_CRED_PROT_UV_OPTIONAL_WITH_ID));
}

// Who may be asked for user verification later has to have it now: OpenSSH asks for the PIN, and comes again.
static int check_verification(fido_dev_t *device, uint8_t flags, const char *pin)
{
    bool missing = pin == NULL && !fido_dev_has_uv(device);
    return flags & SSH_SK_USER_VERIFICATION_REQD && missing ? SSH_SK_ERR_PIN_REQUIRED : 0;
}

static int make(fido_dev_t *device, fido_cred_t *credential, const char *pin)
{
    int result = RESULT(fido_dev_make_cred(device, credential, pin));
    return result != 0 ? result : RESULT(fido_cred_verify(credential));
}

int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application, uint8_t flags,
              const char *pin, struct sk_option **options, struct sk_enroll_response **response)
{
    uint8_t user_id[USER_ID_LENGTH];
    int result = provider_user_id(options, user_id);
    if (result != 0) return result;
    if (provider_cose(alg) == COSE_UNSPEC) return SSH_SK_ERR_UNSUPPORTED;
    fido_dev_t *device = provider_open();
    if (device == NULL) return SSH_SK_ERR_DEVICE_NOT_FOUND;
    fido_cred_t *credential = fido_cred_new();
    fido_opt_t resident = flags & SSH_SK_RESIDENT_KEY ? FIDO_OPT_TRUE : FIDO_OPT_OMIT;
    if (credential == NULL) result = SSH_SK_ERR_GENERAL;
    if (result == 0) result = check_verification(device, flags, pin);
    if (result == 0 && resident == FIDO_OPT_TRUE && !(flags & SSH_SK_FORCE_OPERATION))
        result = check_resident(device, application, user_id, pin);
    if (result == 0) result = RESULT(fido_cred_set_type(credential, provider_cose(alg)));
    if (result == 0) result = RESULT(fido_cred_set_clientdata(credential, challenge, challenge_len));
    if (result == 0) result = RESULT(fido_cred_set_rk(credential, resident));
    if (result == 0) result = RESULT(fido_cred_set_rp(credential, application, NULL));
    if (result == 0)
        result = RESULT(fido_cred_set_user(credential, user_id, sizeof user_id, "openssh", "openssh", NULL));
    if (result == 0) result = set_protection(device, credential, flags);
    if (result == 0) result = make(device, credential, pin);
    if (result == 0 && (*response = response_of(credential, flags)) == NULL) result = SSH_SK_ERR_GENERAL;
    fido_cred_free(&credential);
    provider_close(&device);
    return result;
}
