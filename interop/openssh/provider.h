// What the functions of the provider share.

#ifndef PROVIDER_H
#define PROVIDER_H

#include "sk_provider.h"

#include <fido.h>

#define USER_ID_LENGTH 32

// Starts the authenticator that the environment names, and opens it. NULL if that fails.
fido_dev_t *provider_open(void);
void provider_close(fido_dev_t **device);

// What OpenSSH is told of a status of libfido2; 0 for FIDO_OK. The call stands on standard error if it failed.
int provider_result(int status, const char *call);
#define RESULT(call) provider_result((call), #call)

// A copy for OpenSSH to free. Returns 0, or -1 without memory.
int provider_copy(const void *data, size_t length, uint8_t **copy, size_t *copied);

// The public key, as OpenSSH wants it: a point of P-256 has a byte 04 before it.
int provider_public_key(const fido_cred_t *credential, uint8_t **key, size_t *length);

// The user id that the option `user` names, filled up with zeros. Refuses every other option that is required.
int provider_user_id(struct sk_option **options, uint8_t user_id[USER_ID_LENGTH]);

int provider_cose(uint32_t alg);

#endif
