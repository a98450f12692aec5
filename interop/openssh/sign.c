// Signatures.

#include "provider.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>

#include <stdlib.h>

static int copy_number(const BIGNUM *number, uint8_t **copy, size_t *length)
{
    unsigned char bytes[64];
    if (number == NULL || BN_num_bytes(number) > (int)sizeof bytes) return -1;
    return provider_copy(bytes, (size_t)BN_bn2bin(number, bytes), copy, length);
}

// The authenticator's ECDSA signature is the DER structure of both numbers.
static int set_ecdsa(struct sk_sign_response *response, const unsigned char *der, size_t length)
{
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)length);
    if (signature == NULL) return -1;
    int result = copy_number(ECDSA_SIG_get0_r(signature), &response->sig_r, &response->sig_r_len);
    if (result == 0) result = copy_number(ECDSA_SIG_get0_s(signature), &response->sig_s, &response->sig_s_len);
    ECDSA_SIG_free(signature);
    return result;
}

static struct sk_sign_response *response_of(const fido_assert_t *assertion, uint32_t alg)
{
    struct sk_sign_response *response = calloc(1, sizeof *response);
    if (response == NULL) return NULL;
    response->flags = fido_assert_flags(assertion, 0);
    response->counter = fido_assert_sigcount(assertion, 0);
    const unsigned char *signature = fido_assert_sig_ptr(assertion, 0);
    size_t length = fido_assert_sig_len(assertion, 0);
    int result = alg == SSH_SK_ECDSA ? set_ecdsa(response, signature, length)
                                     : provider_copy(signature, length, &response->sig_r, &response->sig_r_len);
    if (result == 0) return response;
    free(response->sig_r);
    free(response->sig_s);
    free(response);
    return NULL;
}

static int ask(fido_dev_t *device, fido_assert_t *assertion, uint8_t flags, const char *pin)
{
    fido_opt_t presence = flags & SSH_SK_USER_PRESENCE_REQD ? FIDO_OPT_TRUE : FIDO_OPT_FALSE;
    int result = RESULT(fido_assert_set_up(assertion, presence));
    if (result == 0 && (flags & SSH_SK_USER_VERIFICATION_REQD)) {
        // OpenSSH asks its user for the PIN, and comes again.
        if (pin == NULL && !fido_dev_has_uv(device)) return SSH_SK_ERR_PIN_REQUIRED;
        result = RESULT(fido_assert_set_uv(assertion, FIDO_OPT_TRUE));
    }
    return result != 0 ? result : RESULT(fido_dev_get_assert(device, assertion, pin));
}

int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len, const char *application, const uint8_t *key_handle,
            size_t key_handle_len, uint8_t flags, const char *pin, struct sk_option **options,
            struct sk_sign_response **response)
{
    uint8_t user_id[USER_ID_LENGTH];
    int result = provider_user_id(options, user_id);
    if (result != 0) return result;
    if (provider_cose(alg) == COSE_UNSPEC) return SSH_SK_ERR_UNSUPPORTED;
    fido_dev_t *device = provider_open();
    if (device == NULL) return SSH_SK_ERR_DEVICE_NOT_FOUND;
    fido_assert_t *assertion = fido_assert_new();
    if (assertion == NULL) result = SSH_SK_ERR_GENERAL;
    if (result == 0) result = RESULT(fido_assert_set_clientdata(assertion, data, data_len));
    if (result == 0) result = RESULT(fido_assert_set_rp(assertion, application));
    if (result == 0) result = RESULT(fido_assert_allow_cred(assertion, key_handle, key_handle_len));
    if (result == 0) result = ask(device, assertion, flags, pin);
    if (result == 0 && (*response = response_of(assertion, alg)) == NULL) result = SSH_SK_ERR_GENERAL;
    fido_assert_free(&assertion);
    provider_close(&device);
    return result;
}
