// Drives stuntkey's authenticator with libfido2.
//
// Usage: libfido2_peer CTAP2_PIPE [SETTING...]
//        libfido2_peer CTAP2_PIPE --fault ID...
//        libfido2_peer STUNTKEY --udp
//
// With --udp, it is `stuntkey device --udp` that libfido2 opens, by its own CTAPHID.
// The settings are those of the authenticator that has everything; `model=full` if there are none. The ids are those of
// lies of an authenticator, or `sound`, for none; what libfido2 makes of each is printed as a line of JSON.

#include "checks.h"
#include "faults.h"
#include "way.h"

#include <stdio.h>
#include <string.h>

#define MOST_SETTINGS 28

static char *const ctap2_0[] = {
    "model=security_key_ctap2_0", "algorithms=ES256,EdDSA", NULL,
};
static char *const full[] = {"model=full", NULL};

static const struct check *const for_both[] = {credential_checks, pin_checks, hmac_secret_checks, reset_checks};
static const struct check *const for_ctap2_0[] = {hmac_secret_ctap2_0_checks};
static const struct check *const for_full[] = {
    hmac_secret_uv_checks, late_reset_checks,
    extension_checks, large_blob_checks, management_checks, config_checks, finger_checks, u2f_checks,
};
// What takes no clock of the authenticator's, by libfido2's own CTAPHID.
static const struct check *const for_udp[] = {
    channel_checks, credential_checks, pin_checks, hmac_secret_checks, hmac_secret_uv_checks, reset_checks,
    extension_checks, large_blob_checks, management_checks, config_checks, finger_checks, u2f_checks,
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void run_all(struct tally *tally, const char *model_name, char *program, char *const settings[],
                    const struct check *const lists[], size_t count)
{
    char *arguments[MOST_SETTINGS + 2] = {program};
    for (size_t i = 0; i < MOST_SETTINGS && settings[i] != NULL; i++) arguments[i + 1] = settings[i];
    for (size_t i = 0; i < count; i++) run_checks(tally, model_name, arguments, lists[i]);
}

static int finish(const struct tally *tally)
{
    printf("%d passed, %d failed\n", tally->passed, tally->failed);
    return tally->failed == 0 ? 0 : 1;
}

int main(int count, char *arguments[])
{
    if (count < 2) {
        fprintf(stderr, "usage: %s CTAP2_PIPE [SETTING...]\n       %s CTAP2_PIPE --fault ID...\n       %s STUNTKEY --udp\n",
                arguments[0], arguments[0], arguments[0]);
        return 2;
    }
    // The library would take an authenticator whose getInfo it cannot read for one of U2F.
    fido_init(FIDO_DISABLE_U2F_FALLBACK);
    if (count > 3 && strcmp(arguments[2], "--fault") == 0) return play_faults(arguments[1], arguments + 3);
    struct tally tally = {0, 0};
    if (count == 3 && strcmp(arguments[2], "--udp") == 0) {
        way = &by_udp;
        run_all(&tally, "by UDP", arguments[1], full, for_udp, COUNT(for_udp));
        return finish(&tally);
    }
    char *const *everything = count > 2 ? arguments + 2 : full;
    run_all(&tally, "CTAP 2.0", arguments[1], ctap2_0, for_both, COUNT(for_both));
    run_all(&tally, "CTAP 2.0", arguments[1], ctap2_0, for_ctap2_0, COUNT(for_ctap2_0));
    run_all(&tally, "full", arguments[1], everything, for_both, COUNT(for_both));
    run_all(&tally, "full", arguments[1], everything, for_full, COUNT(for_full));
    return finish(&tally);
}
