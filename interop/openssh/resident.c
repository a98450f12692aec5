// Resident keys.

#include "provider.h"

#include <fido/credman.h>

#include <stdlib.h>
#include <string.h>

// What the applications of OpenSSH begin with.
#define APPLICATION "ssh:"

struct keys {
    struct sk_resident_key **list;
    size_t count;
};

static void free_key(struct sk_resident_key *key)
{
    free(key->application);
    free(key->key.public_key);
    free(key->key.key_handle);
    free(key->user_id);
    free(key);
}

static struct sk_resident_key *key_of(const fido_cred_t *kept, const char *application, size_t slot)
{
    struct sk_resident_key *key = calloc(1, sizeof *key);
    if (key == NULL) return NULL;
    key->alg = fido_cred_type(kept) == COSE_EDDSA ? SSH_SK_ED25519 : SSH_SK_ECDSA;
    key->slot = slot;
    key->flags = SSH_SK_USER_PRESENCE_REQD | SSH_SK_RESIDENT_KEY;
    if (fido_cred_prot(kept) == FIDO_CRED_PROT_UV_REQUIRED) key->flags |= SSH_SK_USER_VERIFICATION_REQD;
    key->key.flags = key->flags;
    key->application = strdup(application);
    if (key->application == NULL
        || provider_public_key(kept, &key->key.public_key, &key->key.public_key_len) < 0
        || provider_copy(fido_cred_id_ptr(kept), fido_cred_id_len(kept), &key->key.key_handle,
                         &key->key.key_handle_len) < 0
        || provider_copy(fido_cred_user_id_ptr(kept), fido_cred_user_id_len(kept), &key->user_id,
                         &key->user_id_len) < 0) {
        free_key(key);
        return NULL;
    }
    return key;
}

static int add(struct keys *keys, struct sk_resident_key *key)
{
    if (key == NULL) return SSH_SK_ERR_GENERAL;
    struct sk_resident_key **longer = realloc(keys->list, (keys->count + 1) * sizeof *longer);
    if (longer == NULL) {
        free_key(key);
        return SSH_SK_ERR_GENERAL;
    }
    keys->list = longer;
    keys->list[keys->count++] = key;
    return 0;
}

static bool is_for_ssh(const fido_cred_t *kept)
{
    return fido_cred_type(kept) == COSE_ES256 || fido_cred_type(kept) == COSE_EDDSA;
}

static int add_application(fido_dev_t *device, const char *application, const char *pin, struct keys *keys)
{
    fido_credman_rk_t *list = fido_credman_rk_new();
    int result = RESULT(fido_credman_get_dev_rk(device, application, list, pin));
    for (size_t i = 0; result == 0 && i < fido_credman_rk_count(list); i++) {
        const fido_cred_t *kept = fido_credman_rk(list, i);
        if (is_for_ssh(kept)) result = add(keys, key_of(kept, application, i));
    }
    fido_credman_rk_free(&list);
    return result;
}

static int add_all(fido_dev_t *device, const char *pin, struct keys *keys)
{
    fido_credman_rp_t *rps = fido_credman_rp_new();
    int status = fido_credman_get_dev_rp(device, rps, pin);
    int result = status == FIDO_ERR_NO_CREDENTIALS ? 0 : provider_result(status, "fido_credman_get_dev_rp");
    for (size_t i = 0; result == 0 && i < fido_credman_rp_count(rps); i++) {
        const char *application = fido_credman_rp_id(rps, i);
        if (application != NULL && strncmp(application, APPLICATION, strlen(APPLICATION)) == 0)
            result = add_application(device, application, pin, keys);
    }
    fido_credman_rp_free(&rps);
    return result;
}

int sk_load_resident_keys(const char *pin, struct sk_option **options, struct sk_resident_key ***keys, size_t *count)
{
    uint8_t user_id[USER_ID_LENGTH];
    int result = provider_user_id(options, user_id);
    if (result != 0) return result;
    if (pin == NULL) return SSH_SK_ERR_PIN_REQUIRED;
    fido_dev_t *device = provider_open();
    if (device == NULL) return SSH_SK_ERR_DEVICE_NOT_FOUND;
    struct keys found = {NULL, 0};
    result = add_all(device, pin, &found);
    provider_close(&device);
    if (result != 0) {
        while (found.count > 0) free_key(found.list[--found.count]);
        free(found.list);
        return result;
    }
    *keys = found.list;
    *count = found.count;
    return 0;
}
