// The management of discoverable credentials.

#include "checks.h"

#include <fido/credman.h>

#include <openssl/sha.h>
#include <string.h>

#define OTHER_RP_ID "elsewhere.example"

// Two accounts here, and one elsewhere.
struct three {
    fido_cred_t *alice, *bob, *elsewhere;
};

static struct three three_credentials(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    EXPECT(fido_dev_supports_credman(device));
    struct three three = {
        .alice = made(device, "alice", FIDO_OPT_TRUE, PIN),
        .bob = new_credential(COSE_EDDSA, "bob"),
        .elsewhere = new_credential(COSE_ES256, "alice"),
    };
    OK(fido_cred_set_rk(three.bob, FIDO_OPT_TRUE));
    OK(fido_cred_set_prot(three.bob, FIDO_CRED_PROT_UV_REQUIRED));
    make(device, three.bob, PIN);
    OK(fido_cred_set_rk(three.elsewhere, FIDO_OPT_TRUE));
    OK(fido_cred_set_rp(three.elsewhere, OTHER_RP_ID, "Elsewhere"));
    make(device, three.elsewhere, PIN);
    return three;
}

static void free_three(struct three *three)
{
    fido_cred_free(&three->alice);
    fido_cred_free(&three->bob);
    fido_cred_free(&three->elsewhere);
}

static void metadata(fido_dev_t *device, uint64_t *existing, uint64_t *remaining)
{
    fido_credman_metadata_t *metadata = fido_credman_metadata_new();
    OK(fido_credman_get_dev_metadata(device, metadata, PIN));
    *existing = fido_credman_rk_existing(metadata);
    *remaining = fido_credman_rk_remaining(metadata);
    fido_credman_metadata_free(&metadata);
}

static void counts(fido_dev_t *device)
{
    uint64_t existing, remaining, existing_then, remaining_then;
    OK(fido_dev_set_pin(device, PIN, NULL));
    metadata(device, &existing, &remaining);
    EXPECT(existing == 0 && remaining > 0);
    fido_cred_t *kept = made(device, "alice", FIDO_OPT_TRUE, PIN);
    fido_cred_t *other = made(device, "bob", FIDO_OPT_FALSE, PIN);
    metadata(device, &existing_then, &remaining_then);
    EXPECT(existing_then == 1 && remaining_then <= remaining);
    detail("%llu may be kept", (unsigned long long)remaining);
    fido_cred_free(&kept);
    fido_cred_free(&other);
}

static void expect_rp(const fido_credman_rp_t *rps, size_t index)
{
    const char *id = fido_credman_rp_id(rps, index);
    unsigned char hash[SHA256_DIGEST_LENGTH];
    EXPECT(id != NULL && (strcmp(id, RP_ID) == 0 || strcmp(id, OTHER_RP_ID) == 0));
    SHA256((const unsigned char *)id, strlen(id), hash);
    EXPECT(fido_credman_rp_id_hash_len(rps, index) == sizeof hash);
    EXPECT(memcmp(fido_credman_rp_id_hash_ptr(rps, index), hash, sizeof hash) == 0);
}

static void relying_parties(fido_dev_t *device)
{
    struct three three = three_credentials(device);
    fido_credman_rp_t *rps = fido_credman_rp_new();
    OK(fido_credman_get_dev_rp(device, rps, PIN));
    EXPECT(fido_credman_rp_count(rps) == 2);
    expect_rp(rps, 0);
    expect_rp(rps, 1);
    EXPECT(strcmp(fido_credman_rp_id(rps, 0), fido_credman_rp_id(rps, 1)) != 0);
    fido_credman_rp_free(&rps);
    free_three(&three);
}

static const fido_cred_t *find(const fido_credman_rk_t *list, const fido_cred_t *credential)
{
    for (size_t i = 0; i < fido_credman_rk_count(list); i++) {
        const fido_cred_t *listed = fido_credman_rk(list, i);
        if (fido_cred_id_len(listed) == fido_cred_id_len(credential)
            && memcmp(fido_cred_id_ptr(listed), fido_cred_id_ptr(credential), fido_cred_id_len(listed)) == 0)
            return listed;
    }
    return NULL;
}

static fido_credman_rk_t *list_of(fido_dev_t *device, const char *rp_id)
{
    fido_credman_rk_t *list = fido_credman_rk_new();
    OK(fido_credman_get_dev_rk(device, rp_id, list, PIN));
    return list;
}

static void expect_listed(const fido_credman_rk_t *list, const fido_cred_t *credential, const char *user, int protection)
{
    const fido_cred_t *listed = find(list, credential);
    EXPECT(listed != NULL);
    EXPECT(fido_cred_type(listed) == fido_cred_type(credential));
    EXPECT(fido_cred_pubkey_len(listed) == fido_cred_pubkey_len(credential));
    EXPECT(memcmp(fido_cred_pubkey_ptr(listed), fido_cred_pubkey_ptr(credential), fido_cred_pubkey_len(listed)) == 0);
    EXPECT(fido_cred_user_id_len(listed) == strlen(user));
    EXPECT(memcmp(fido_cred_user_id_ptr(listed), user, strlen(user)) == 0);
    EXPECT(fido_cred_user_name(listed) != NULL && strcmp(fido_cred_user_name(listed), user) == 0);
    EXPECT(fido_cred_display_name(listed) != NULL && strcmp(fido_cred_display_name(listed), user) == 0);
    EXPECT(fido_cred_prot(listed) == protection);
}

static void credentials(fido_dev_t *device)
{
    struct three three = three_credentials(device);
    fido_credman_rk_t *list = list_of(device, RP_ID);
    EXPECT(fido_credman_rk_count(list) == 2);
    // Who asks for no protection gets the first level.
    expect_listed(list, three.alice, "alice", FIDO_CRED_PROT_UV_OPTIONAL);
    expect_listed(list, three.bob, "bob", FIDO_CRED_PROT_UV_REQUIRED);
    fido_credman_rk_free(&list);
    free_three(&three);
}

static void large_blob_key(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_cred_t *credential = new_credential(COSE_ES256, "alice");
    OK(fido_cred_set_rk(credential, FIDO_OPT_TRUE));
    OK(fido_cred_set_extensions(credential, FIDO_EXT_LARGEBLOB_KEY));
    make(device, credential, PIN);
    fido_credman_rk_t *list = list_of(device, RP_ID);
    const fido_cred_t *listed = find(list, credential);
    EXPECT(listed != NULL && fido_cred_largeblob_key_len(listed) == 32);
    EXPECT(memcmp(fido_cred_largeblob_key_ptr(listed), fido_cred_largeblob_key_ptr(credential), 32) == 0);
    fido_credman_rk_free(&list);
    fido_cred_free(&credential);
}

static int delete(fido_dev_t *device, const fido_cred_t *credential, const char *pin)
{
    return fido_credman_del_dev_rk(device, fido_cred_id_ptr(credential), fido_cred_id_len(credential), pin);
}

static void deleted(fido_dev_t *device)
{
    struct three three = three_credentials(device);
    REFUSED(FIDO_ERR_PIN_INVALID, delete(device, three.alice, WRONG_PIN));
    OK(delete(device, three.alice, PIN));
    REFUSED(FIDO_ERR_NO_CREDENTIALS, delete(device, three.alice, PIN));
    fido_credman_rk_t *list = list_of(device, RP_ID);
    EXPECT(fido_credman_rk_count(list) == 1 && find(list, three.bob) != NULL);
    fido_assert_t *assertion = new_assertion(three.alice);
    REFUSED(FIDO_ERR_NO_CREDENTIALS, fido_dev_get_assert(device, assertion, PIN));
    fido_assert_free(&assertion);
    assertion = asserted(device, three.bob, PIN);
    fido_assert_free(&assertion);
    fido_credman_rk_free(&list);
    free_three(&three);
}

static void updated(fido_dev_t *device)
{
    struct three three = three_credentials(device);
    fido_cred_t *change = fido_cred_new();
    OK(fido_cred_set_id(change, fido_cred_id_ptr(three.alice), fido_cred_id_len(three.alice)));
    OK(fido_cred_set_user(change, (const unsigned char *)"alice", 5, "alice.b", "Alice B.", NULL));
    OK(fido_credman_set_dev_rk(device, change, PIN));
    fido_credman_rk_t *list = list_of(device, RP_ID);
    const fido_cred_t *listed = find(list, three.alice);
    EXPECT(listed != NULL && strcmp(fido_cred_user_name(listed), "alice.b") == 0);
    EXPECT(strcmp(fido_cred_display_name(listed), "Alice B.") == 0);
    fido_credman_rk_free(&list);
    OK(fido_cred_set_user(change, (const unsigned char *)"mallory", 7, "alice", "Alice", NULL));
    REFUSED(FIDO_ERR_INVALID_PARAMETER, fido_credman_set_dev_rk(device, change, PIN));
    fido_assert_t *assertion = asserted(device, three.alice, PIN);
    fido_assert_free(&assertion);
    fido_cred_free(&change);
    free_three(&three);
}

// The status is the authenticator's, or FIDO_OK where libfido2 makes an empty list of it.
static void nothing(fido_dev_t *device)
{
    OK(fido_dev_set_pin(device, PIN, NULL));
    fido_credman_rp_t *rps = fido_credman_rp_new();
    int status = fido_credman_get_dev_rp(device, rps, PIN);
    EXPECT(status == FIDO_ERR_NO_CREDENTIALS || status == FIDO_OK);
    EXPECT(fido_credman_rp_count(rps) == 0);
    fido_credman_rk_t *list = fido_credman_rk_new();
    status = fido_credman_get_dev_rk(device, RP_ID, list, PIN);
    EXPECT(status == FIDO_ERR_NO_CREDENTIALS || status == FIDO_OK);
    EXPECT(fido_credman_rk_count(list) == 0);
    fido_credman_rp_free(&rps);
    fido_credman_rk_free(&list);
}

const struct check management_checks[] = {
    {"credential management: the metadata counts discoverable credentials alone", counts, NULL},
    {"credential management: each relying party is listed once", relying_parties, NULL},
    {"credential management: credentials are listed with user, key and protection", credentials, NULL},
    {"credential management: a credential is listed with its largeBlobKey", large_blob_key, NULL},
    {"credential management: a credential is deleted, and the others stay", deleted, NULL},
    {"credential management: the user's names are changed, but not the user", updated, NULL},
    {"credential management: an authenticator without credentials lists none", nothing, NULL},
    {NULL, NULL, NULL},
};
