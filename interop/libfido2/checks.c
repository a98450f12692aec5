// Runs checks, each in a process of its own with a fresh authenticator, and prints one line for each.

#include "checks.h"
#include "way.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// A last guard against a check that never ends.
#define WITHIN_SECONDS 60
#define MOST_ARGUMENTS 32

const struct way *way = &by_pipe;

static char shown[512];

static void line(const char *format, va_list values, char *text, size_t room)
{
    vsnprintf(text, room, format, values);
}

void detail(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    line(format, values, shown, sizeof shown);
    va_end(values);
}

void fail(const char *format, ...)
{
    char complaint[512];
    va_list values;
    va_start(values, format);
    line(format, values, complaint, sizeof complaint);
    va_end(values);
    printf(" ... FAILED: %s\n", complaint);
    fflush(stdout);
    _exit(1);
}

void expect_true(bool condition, const char *what)
{
    if (!condition) fail("it does not hold that %s", what);
}

void expect_status(int expected, int status, const char *what)
{
    if (status == expected) return;
    char wanted[64];
    // fido_strerr may answer from one buffer.
    snprintf(wanted, sizeof wanted, "%s", fido_strerr(expected));
    fail("%s: %s (%#04x), expected %s", what, fido_strerr(status), (unsigned)status & 0xff, wanted);
}

static void body_of(const struct check *check, char *const arguments[])
{
    if (way->start(arguments) < 0) fail("%s: %s", arguments[0], strerror(errno));
    fido_dev_t *device = fido_dev_new();
    EXPECT(device != NULL);
    OK(way->open(device));
    // libfido2 takes an authenticator that does not answer getInfo for one that has U2F alone.
    if (!fido_dev_is_fido2(device)) fail("the authenticator does not answer getInfo");
    check->body(device);
    OK(fido_dev_close(device));
    fido_dev_free(&device);
    way->stop();
}

// Runs a check in this process, which it ends.
static _Noreturn void run(const struct check *check, char *const arguments[])
{
    char *with[MOST_ARGUMENTS];
    size_t count = 0;
    while (arguments[count] != NULL && count < MOST_ARGUMENTS - 2) {
        with[count] = arguments[count];
        count++;
    }
    if (check->setting != NULL) with[count++] = (char *)check->setting;
    with[count] = NULL;
    // Whatever becomes of the check, its authenticator ends with it.
    setpgid(0, 0);
    alarm(WITHIN_SECONDS);
    body_of(check, with);
    printf("%s%s ... ok\n", shown[0] ? ": " : "", shown);
    fflush(stdout);
    _exit(0);
}

void run_checks(struct tally *tally, const char *model_name, char *const arguments[], const struct check *checks)
{
    for (; checks->sentence != NULL; checks++) {
        printf("libfido2, %s: %s", model_name, checks->sentence);
        fflush(stdout);
        pid_t process = fork();
        if (process < 0) fail("fork: %s", strerror(errno));
        if (process == 0) run(checks, arguments);
        int status = 0;
        waitpid(process, &status, 0);
        kill(-process, SIGTERM);
        if (WIFSIGNALED(status)) printf(" ... FAILED: signal %d: %s\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
        *(status == 0 ? &tally->passed : &tally->failed) += 1;
    }
}
