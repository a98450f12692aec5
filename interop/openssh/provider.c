// A FIDO provider for OpenSSH, whose security key is an authenticator of stuntkey.
//
// The authenticator is the example ctap2_pipe at STUNTKEY_PIPE, with the settings in STUNTKEY_SETTINGS, which spaces part.
// OpenSSH loads the provider into a process of its own for each operation, so one of the settings is `store=FILE`.

#include "provider.h"

#include "../libfido2/pipe.h"
#include "../libfido2/way.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ARGUMENTS 32

uint32_t sk_api_version(void)
{
    return SSH_SK_VERSION;
}

static int start(char *program, char *settings)
{
    char *arguments[MOST_ARGUMENTS + 1] = {program};
    size_t count = 1;
    for (char *setting = strtok(settings, " "); setting != NULL && count < MOST_ARGUMENTS; setting = strtok(NULL, " "))
        arguments[count++] = setting;
    return pipe_start(arguments);
}

fido_dev_t *provider_open(void)
{
    char *program = getenv("STUNTKEY_PIPE");
    const char *settings = getenv("STUNTKEY_SETTINGS");
    char *own = strdup(settings != NULL ? settings : "");
    if (program == NULL || own == NULL || start(program, own) < 0) {
        fprintf(stderr, "provider: STUNTKEY_PIPE does not name a program\n");
        free(own);
        return NULL;
    }
    free(own);
    fido_init(FIDO_DISABLE_U2F_FALLBACK);
    fido_dev_t *device = fido_dev_new();
    if (device == NULL || RESULT(by_pipe.open(device)) != 0) provider_close(&device);
    return device;
}

void provider_close(fido_dev_t **device)
{
    if (*device != NULL) fido_dev_close(*device);
    fido_dev_free(device);
    pipe_stop();
}

int provider_result(int status, const char *call)
{
    if (status == FIDO_OK) return 0;
    fprintf(stderr, "provider: %s: %s\n", call, fido_strerr(status));
    switch (status) {
    case FIDO_ERR_UNSUPPORTED_OPTION:
    case FIDO_ERR_UNSUPPORTED_ALGORITHM:
    case FIDO_ERR_UNSUPPORTED_EXTENSION:
        return SSH_SK_ERR_UNSUPPORTED;
    case FIDO_ERR_PIN_REQUIRED:
    case FIDO_ERR_PIN_INVALID:
    case FIDO_ERR_OPERATION_DENIED:
        return SSH_SK_ERR_PIN_REQUIRED;
    default:
        return SSH_SK_ERR_GENERAL;
    }
}

int provider_copy(const void *data, size_t length, uint8_t **copy, size_t *copied)
{
    // An absent member stays absent.
    if (data == NULL || length == 0) return 0;
    if ((*copy = malloc(length)) == NULL) return -1;
    memcpy(*copy, data, length);
    *copied = length;
    return 0;
}

int provider_public_key(const fido_cred_t *credential, uint8_t **key, size_t *length)
{
    const unsigned char *bytes = fido_cred_pubkey_ptr(credential);
    size_t count = fido_cred_pubkey_len(credential);
    if (fido_cred_type(credential) == COSE_EDDSA) return provider_copy(bytes, count, key, length);
    unsigned char point[1 + 64] = {4};
    if (count != sizeof point - 1) return -1;
    memcpy(point + 1, bytes, count);
    return provider_copy(point, sizeof point, key, length);
}

int provider_user_id(struct sk_option **options, uint8_t user_id[USER_ID_LENGTH])
{
    memset(user_id, 0, USER_ID_LENGTH);
    for (; options != NULL && *options != NULL; options++) {
        if (strcmp((*options)->name, "user") == 0) {
            if (strlen((*options)->value) >= USER_ID_LENGTH) return SSH_SK_ERR_GENERAL;
            memcpy(user_id, (*options)->value, strlen((*options)->value));
        } else if ((*options)->required) {
            fprintf(stderr, "provider: there is no option %s\n", (*options)->name);
            return SSH_SK_ERR_UNSUPPORTED;
        }
    }
    return 0;
}

int provider_cose(uint32_t alg)
{
    switch (alg) {
    case SSH_SK_ECDSA:
        return COSE_ES256;
    case SSH_SK_ED25519:
        return COSE_EDDSA;
    default:
        return COSE_UNSPEC;
    }
}
