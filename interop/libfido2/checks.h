// What the checks share: running them and keeping the tally, and the steps that most of them take.

#ifndef CHECKS_H
#define CHECKS_H

#include <fido.h>

#include <stdbool.h>
#include <stddef.h>

#define RP_ID "example.com"
#define PIN "4711-ü"
#define OTHER_PIN "an other PIN"
#define WRONG_PIN "0000"

struct check {
    const char *sentence;
    void (*body)(fido_dev_t *);
    // A setting of the model that this check alone has, or NULL.
    const char *setting;
};

// Each list ends with an entry without a sentence.
extern const struct check credential_checks[], pin_checks[], hmac_secret_checks[], reset_checks[];
extern const struct check hmac_secret_ctap2_0_checks[], hmac_secret_uv_checks[], late_reset_checks[];
extern const struct check extension_checks[], large_blob_checks[], management_checks[], config_checks[];
extern const struct check finger_checks[], u2f_checks[], channel_checks[];

// Shows what a check saw, in its line.
void detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Ends the check.
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Each names in its complaint what was called.
#define EXPECT(condition) expect_true((condition), #condition)
#define OK(call) expect_status(FIDO_OK, (call), #call)
#define REFUSED(status, call) expect_status((status), (call), #call)
void expect_true(bool condition, const char *what);
void expect_status(int expected, int status, const char *what);

// The authenticator that the check has.
void open_again(fido_dev_t *device);
void power_cycle(void);
void later(unsigned seconds);
bool option(fido_dev_t *device, const char *name);
fido_cbor_info_t *info_of(fido_dev_t *device);

// A credential to be made for `user` at the relying party RP_ID, and not discoverable, unless that is changed.
fido_cred_t *new_credential(int algorithm, const char *user);
// Makes it, and has libfido2 verify it.
void make(fido_dev_t *device, fido_cred_t *credential, const char *pin);
// A credential by ES256 that is made so, discoverable or not.
fido_cred_t *made(fido_dev_t *device, const char *user, fido_opt_t discoverable, const char *pin);

// An assertion to be asked for, at RP_ID, of a credential, or of any if that is NULL.
fido_assert_t *new_assertion(const fido_cred_t *credential);
// Has libfido2 verify the assertion at this index by the credential's public key.
int verify(const fido_assert_t *assertion, size_t index, const fido_cred_t *credential);
// Asks for an assertion, and has it verified.
fido_assert_t *asserted(fido_dev_t *device, const fido_cred_t *credential, const char *pin);
bool is_of(const fido_assert_t *assertion, size_t index, const fido_cred_t *credential);

void random_bytes(unsigned char *bytes, size_t length);

// Runs the checks of a list, with this model; counts them.
struct tally {
    int passed, failed;
};
void run_checks(struct tally *tally, const char *model_name, char *const arguments[], const struct check *checks);

#endif
