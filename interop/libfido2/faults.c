// What libfido2 makes of the lies of an authenticator.
//
// A scenario is what an application does: it opens the authenticator, calls libfido2's ordinary functions, and has
// libfido2 verify what they gave. A sound authenticator has made the accounts before, in a store file, so that the only
// lies are those in the scenario. Each scenario is a process of its own, so that a crash or an endless wait of the
// library ends it alone; the authenticator is started by the parent, which asks it afterwards how often it lied.

#include "faults.h"

#include "checks.h"
#include "pipe.h"
#include "way.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALL_WITHIN_SECONDS 5
#define SECRET 32
#define MODEL "model=full"

// What the account's blob is. libfido2 1.12 seals nothing that has less than 16 bytes when it is compressed.
static const char *const blob = "A certificate, perhaps, or a note. A certificate, perhaps, or a note.";

// How a scenario goes: written by its process, read by the parent.
static struct {
    char step[64];
    int status;
    bool verifies, ended;
} *course;

// Made by a sound authenticator, which has no PIN in the one store, and one in the other.
static fido_cred_t *alice, *bob;
static char directory[] = "/tmp/libfido2-faults-XXXXXX";
static char without_pin[64], with_pin[64], played[64];

static void take(const char *step, bool verifies)
{
    snprintf(course->step, sizeof course->step, "%s", step);
    course->verifies = verifies;
    alarm(CALL_WITHIN_SECONDS);
}

// An error ends the scenario.
static void arrive(int status)
{
    alarm(0);
    course->status = status;
    if (status != FIDO_OK) _exit(0);
}

#define STEP(function, ...) (take(#function, false), arrive(function(__VA_ARGS__)))
#define VERIFY(function, ...) (take(#function, true), arrive(function(__VA_ARGS__)))

static void opens(fido_dev_t *device)
{
    STEP(way->open, device);
    fido_cbor_info_t *info = fido_cbor_info_new();
    STEP(fido_dev_get_cbor_info, device, info);
    fido_cbor_info_free(&info);
}

static void sets_a_pin(fido_dev_t *device)
{
    STEP(way->open, device);
    STEP(fido_dev_set_pin, device, PIN, NULL);
}

static void changes_the_pin(fido_dev_t *device)
{
    STEP(way->open, device);
    STEP(fido_dev_set_pin, device, OTHER_PIN, PIN);
}

static void counts_the_retries(fido_dev_t *device)
{
    int retries = 0;
    STEP(way->open, device);
    STEP(fido_dev_get_retry_count, device, &retries);
}

// Registers, and has it verified; verification by the user as well if there was a PIN.
static void registers(fido_dev_t *device, fido_cred_t *credential, const char *pin)
{
    STEP(fido_dev_make_cred, device, credential, pin);
    if (pin != NULL) STEP(fido_cred_set_uv, credential, FIDO_OPT_TRUE);
    VERIFY(fido_cred_verify, credential);
    fido_cred_free(&credential);
}

static void registers_without_verification(fido_dev_t *device)
{
    STEP(way->open, device);
    registers(device, new_credential(COSE_ES256, "carol"), NULL);
}

static void registers_two(fido_dev_t *device)
{
    STEP(way->open, device);
    registers(device, new_credential(COSE_ES256, "carol"), NULL);
    registers(device, new_credential(COSE_ES256, "dave"), NULL);
}

static void registers_by_a_pin(fido_dev_t *device)
{
    static const unsigned char unknown[32] = {1};
    STEP(way->open, device);
    fido_cred_t *credential = new_credential(COSE_ES256, "carol");
    STEP(fido_cred_set_rk, credential, FIDO_OPT_TRUE);
    STEP(fido_cred_exclude, credential, unknown, sizeof unknown);
    registers(device, credential, PIN);
}

static void registers_with_extensions(fido_dev_t *device)
{
    STEP(way->open, device);
    fido_cred_t *credential = new_credential(COSE_ES256, "carol");
    STEP(fido_cred_set_rk, credential, FIDO_OPT_TRUE);
    STEP(fido_cred_set_extensions, credential, FIDO_EXT_HMAC_SECRET | FIDO_EXT_LARGEBLOB_KEY);
    registers(device, credential, PIN);
}

// As an application finds the key of the account that answered. Where it listed one credential, there is no other.
static int verify_account(const fido_assert_t *assertion, size_t index, const fido_cred_t *only)
{
    if (only != NULL) return verify(assertion, index, only);
    if (is_of(assertion, index, alice)) return verify(assertion, index, alice);
    if (is_of(assertion, index, bob)) return verify(assertion, index, bob);
    return FIDO_ERR_NO_CREDENTIALS;
}

static void logs_in(fido_dev_t *device, fido_assert_t *assertion, const fido_cred_t *only, const char *pin)
{
    STEP(fido_dev_get_assert, device, assertion, pin);
    if (pin != NULL) STEP(fido_assert_set_uv, assertion, FIDO_OPT_TRUE);
    size_t i = 0;
    do VERIFY(verify_account, assertion, i, only);
    while (++i < fido_assert_count(assertion));
}

static void logs_in_without_verification(fido_dev_t *device)
{
    STEP(way->open, device);
    logs_in(device, new_assertion(alice), alice, NULL);
}

static void logs_in_by_a_pin(fido_dev_t *device)
{
    STEP(way->open, device);
    logs_in(device, new_assertion(alice), alice, PIN);
}

static void logs_in_twice(fido_dev_t *device)
{
    STEP(way->open, device);
    logs_in(device, new_assertion(alice), alice, NULL);
    logs_in(device, new_assertion(alice), alice, NULL);
}

static void logs_in_with_one_of_two(fido_dev_t *device)
{
    STEP(way->open, device);
    fido_assert_t *assertion = new_assertion(alice);
    STEP(fido_assert_allow_cred, assertion, fido_cred_id_ptr(bob), fido_cred_id_len(bob));
    logs_in(device, assertion, NULL, PIN);
}

static void logs_in_without_a_list(fido_dev_t *device)
{
    STEP(way->open, device);
    logs_in(device, new_assertion(NULL), NULL, PIN);
}

static void evaluates_a_secret(fido_dev_t *device)
{
    static const unsigned char salt[SECRET] = {2};
    STEP(way->open, device);
    fido_assert_t *assertion = new_assertion(alice);
    STEP(fido_assert_set_extensions, assertion, FIDO_EXT_HMAC_SECRET);
    STEP(fido_assert_set_hmac_salt, assertion, salt, sizeof salt);
    logs_in(device, assertion, alice, NULL);
}

// Logs in with the key of the account's blob.
static fido_assert_t *with_the_key(fido_dev_t *device)
{
    STEP(way->open, device);
    fido_assert_t *assertion = new_assertion(alice);
    STEP(fido_assert_set_extensions, assertion, FIDO_EXT_LARGEBLOB_KEY);
    logs_in(device, assertion, alice, PIN);
    return assertion;
}

static void reads_a_large_blob(fido_dev_t *device)
{
    unsigned char *found = NULL;
    size_t length = 0;
    fido_assert_t *assertion = with_the_key(device);
    STEP(fido_dev_largeblob_get, device, fido_assert_largeblob_key_ptr(assertion, 0),
         fido_assert_largeblob_key_len(assertion, 0), &found, &length);
}

static void writes_a_large_blob(fido_dev_t *device)
{
    fido_assert_t *assertion = with_the_key(device);
    STEP(fido_dev_largeblob_set, device, fido_assert_largeblob_key_ptr(assertion, 0),
         fido_assert_largeblob_key_len(assertion, 0), (const unsigned char *)blob, strlen(blob), PIN);
}

// The chapters of the catalogue.
enum { MESSAGE = 1, INFO = 2, CLIENT_PIN = 4, MAKE = 8, GET = 16 };

static const struct {
    const char *prefix;
    int chapter;
} chapters[] = {
    {"message/", MESSAGE}, {"cbor/", MESSAGE}, {"get-info/", INFO}, {"client-pin/", CLIENT_PIN},
    {"make-credential/", MAKE}, {"get-assertion/", GET}, {SOUND, MESSAGE | INFO | CLIENT_PIN | MAKE | GET},
};

static const struct {
    const char *sentence;
    void (*body)(fido_dev_t *);
    const char *store;
    int chapters;
} scenarios[] = {
    {"opens", opens, without_pin, MESSAGE | INFO},
    {"sets a PIN", sets_a_pin, without_pin, MESSAGE | INFO | CLIENT_PIN},
    {"changes the PIN", changes_the_pin, with_pin, MESSAGE | CLIENT_PIN},
    {"counts the retries", counts_the_retries, with_pin, MESSAGE | CLIENT_PIN},
    {"registers without verification", registers_without_verification, without_pin, MESSAGE | INFO | MAKE},
    {"registers by a PIN", registers_by_a_pin, with_pin, MESSAGE | INFO | CLIENT_PIN | MAKE},
    {"registers two", registers_two, without_pin, MAKE},
    {"registers with extensions", registers_with_extensions, with_pin, MESSAGE | MAKE},
    {"logs in without verification", logs_in_without_verification, without_pin, MESSAGE | INFO | GET},
    {"logs in by a PIN", logs_in_by_a_pin, with_pin, MESSAGE | INFO | CLIENT_PIN | GET},
    {"logs in with one of two", logs_in_with_one_of_two, with_pin, MESSAGE | INFO | GET},
    {"logs in without a list", logs_in_without_a_list, with_pin, MESSAGE | INFO | GET},
    {"logs in twice", logs_in_twice, without_pin, GET},
    {"evaluates a secret", evaluates_a_secret, without_pin, MESSAGE | CLIENT_PIN | GET},
    {"reads a large blob", reads_a_large_blob, with_pin, MESSAGE | GET},
    {"writes a large blob", writes_a_large_blob, with_pin, MESSAGE | CLIENT_PIN | GET},
};

static int copy(const char *from, const char *to)
{
    char bytes[4096];
    size_t length;
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    if (in == NULL || out == NULL) return -1;
    while ((length = fread(bytes, 1, sizeof bytes, in)) > 0) fwrite(bytes, 1, length, out);
    fclose(in);
    return fclose(out);
}

static int start(char *program, const char *store, const char *fault)
{
    char kept[80], told[128];
    snprintf(kept, sizeof kept, "store=%s", store);
    snprintf(told, sizeof told, "fault=%s", fault == NULL ? "" : fault);
    char *arguments[] = {program, MODEL, kept, fault == NULL ? NULL : told, NULL};
    return pipe_start(arguments);
}

// The accounts, by a sound authenticator.
static void prepare(char *program)
{
    EXPECT(mkdtemp(directory) != NULL);
    snprintf(without_pin, sizeof without_pin, "%s/without-pin", directory);
    snprintf(with_pin, sizeof with_pin, "%s/with-pin", directory);
    snprintf(played, sizeof played, "%s/played", directory);
    fido_cred_t **accounts[] = {&alice, &bob};
    static const char *const names[] = {"alice", "bob"};
    fido_dev_t *device = fido_dev_new();
    EXPECT(start(program, without_pin, NULL) == 0);
    OK(way->open(device));
    for (size_t i = 0; i < 2; i++) {
        *accounts[i] = new_credential(COSE_ES256, names[i]);
        OK(fido_cred_set_rk(*accounts[i], FIDO_OPT_TRUE));
        OK(fido_cred_set_extensions(*accounts[i], FIDO_EXT_HMAC_SECRET | FIDO_EXT_LARGEBLOB_KEY));
        make(device, *accounts[i], NULL);
    }
    pipe_stop();
    EXPECT(copy(without_pin, with_pin) == 0);
    EXPECT(start(program, with_pin, NULL) == 0);
    open_again(device);
    OK(fido_dev_set_pin(device, PIN, NULL));
    OK(fido_dev_largeblob_set(device, fido_cred_largeblob_key_ptr(alice), fido_cred_largeblob_key_len(alice),
                              (const unsigned char *)blob, strlen(blob), PIN));
    OK(fido_dev_close(device));
    fido_dev_free(&device);
    pipe_stop();
}

static unsigned lies(void)
{
    unsigned char count[4] = {0};
    if (pipe_send(PIPE_LIES, NULL, 0) < 0 || pipe_receive(count, sizeof count, 1000) != sizeof count)
        fail("the authenticator does not say how often it lied");
    return (unsigned)count[0] << 24 | (unsigned)count[1] << 16 | (unsigned)count[2] << 8 | count[3];
}

// How the process of a scenario ended, in the words of the table.
static const char *outcome(int status)
{
    if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGALRM ? "hangs" : "breaks";
    if (course->ended) return "accepted";
    // Without an error it was ended by something else than itself.
    if (course->status == FIDO_OK) return "breaks";
    return course->verifies ? "the relying party" : "refused";
}

// Plays a scenario, and prints how it went. Returns whether another may follow.
static bool play(char *program, const char *fault, size_t index, bool first)
{
    if (copy(scenarios[index].store, played) < 0) fail("there is no store");
    if (start(program, played, fault) < 0) fail("%s does not start", program);
    memset(course, 0, sizeof *course);
    pid_t process = fork();
    if (process < 0) fail("there is no other process");
    if (process == 0) {
        scenarios[index].body(fido_dev_new());
        course->ended = true;
        _exit(0);
    }
    int status = 0;
    waitpid(process, &status, 0);
    const char *word = outcome(status);
    char error[64] = "";
    if (WIFSIGNALED(status)) snprintf(error, sizeof error, "signal %d", WTERMSIG(status));
    else if (!course->ended) snprintf(error, sizeof error, "%s", fido_strerr(course->status));
    printf("%s{\"scenario\":\"%s\",\"lies\":%u,\"outcome\":\"%s\",\"step\":\"%s\",\"error\":\"%s\"}", first ? "" : ",",
           scenarios[index].sentence, lies(), word, course->step, error);
    fflush(stdout);
    pipe_stop();
    unlink(played);
    // Every other scenario would wait as long.
    return strcmp(word, "hangs") != 0;
}

static int chapter_of(const char *id)
{
    for (size_t i = 0; i < sizeof chapters / sizeof *chapters; i++)
        if (strncmp(id, chapters[i].prefix, strlen(chapters[i].prefix)) == 0) return chapters[i].chapter;
    return 0;
}

int play_faults(char *program, char *const ids[])
{
    course = mmap(NULL, sizeof *course, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EXPECT(course != MAP_FAILED);
    prepare(program);
    printf("{\"client\":\"libfido2 %s\"}\n", LIBFIDO2_VERSION);
    int result = 0;
    for (; *ids != NULL; ids++) {
        const char *fault = strcmp(*ids, SOUND) == 0 ? NULL : *ids;
        int chapter = chapter_of(*ids);
        if (chapter == 0) result = 1;
        printf("{\"id\":\"%s\",\"played\":[", *ids);
        fflush(stdout);
        bool first = true, more = true;
        for (size_t i = 0; more && i < sizeof scenarios / sizeof *scenarios; i++) {
            if ((scenarios[i].chapters & chapter) == 0) continue;
            more = play(program, fault, i, first);
            first = false;
        }
        printf("]}\n");
        fflush(stdout);
    }
    unlink(without_pin);
    unlink(with_pin);
    rmdir(directory);
    return result;
}
