// The child process and its frames.

#define _GNU_SOURCE
#include "pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static struct {
    pid_t process;
    int to;
    int from;
} child = {-1, -1, -1};

static int spawn(char *const arguments[], int input, int output)
{
    posix_spawn_file_actions_t files;
    int error = posix_spawn_file_actions_init(&files);
    if (error == 0) {
        error = posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
        if (error == 0) error = posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
        if (error == 0) error = posix_spawn(&child.process, arguments[0], &files, NULL, arguments, environ);
        posix_spawn_file_actions_destroy(&files);
    }
    errno = error;
    return error == 0 ? 0 : -1;
}

int pipe_start(char *const arguments[])
{
    int input[2], output[2];
    if (pipe2(input, O_CLOEXEC) < 0) return -1;
    if (pipe2(output, O_CLOEXEC) < 0) return -1;
    // An authenticator that is gone is told by the write, not by a signal.
    signal(SIGPIPE, SIG_IGN);
    int result = spawn(arguments, input[0], output[1]);
    close(input[0]);
    close(output[1]);
    child.to = input[1];
    child.from = output[0];
    return result;
}

static int write_all(const void *data, size_t length)
{
    const unsigned char *rest = data;
    while (length > 0) {
        ssize_t written = write(child.to, rest, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return -1;
        rest += written;
        length -= (size_t)written;
    }
    return 0;
}

static int read_all(void *data, size_t length, int milliseconds)
{
    unsigned char *rest = data;
    while (length > 0) {
        struct pollfd ready = {.fd = child.from, .events = POLLIN};
        int polled = poll(&ready, 1, milliseconds);
        if (polled < 0 && errno == EINTR) continue;
        if (polled <= 0) return -1;
        ssize_t more = read(child.from, rest, length);
        if (more < 0 && errno == EINTR) continue;
        if (more <= 0) return -1;
        rest += more;
        length -= (size_t)more;
    }
    return 0;
}

static void discard(size_t length, int milliseconds)
{
    unsigned char rest[1024];
    while (length > 0) {
        size_t part = length < sizeof rest ? length : sizeof rest;
        if (read_all(rest, part, milliseconds) < 0) return;
        length -= part;
    }
}

int pipe_send(uint8_t command, const void *data, size_t length)
{
    uint32_t count = (uint32_t)length + 1;
    unsigned char head[] = {
        (unsigned char)(count >> 24), (unsigned char)(count >> 16), (unsigned char)(count >> 8), (unsigned char)count,
        command,
    };
    return write_all(head, sizeof head) < 0 ? -1 : write_all(data, length);
}

int pipe_receive(void *data, size_t room, int milliseconds)
{
    unsigned char head[4];
    if (read_all(head, sizeof head, milliseconds) < 0) return -1;
    size_t length = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    if (length > room) {
        discard(length, milliseconds);
        return -1;
    }
    return read_all(data, length, milliseconds) < 0 ? -1 : (int)length;
}

int pipe_line(char *line, size_t room)
{
    for (size_t length = 0; length < room; length++) {
        if (read_all(line + length, 1, -1) < 0) return -1;
        if (line[length] == '\n') {
            line[length] = '\0';
            return 0;
        }
    }
    return -1;
}

void pipe_stop(void)
{
    close(child.to);
    close(child.from);
    if (child.process > 0) waitpid(child.process, NULL, 0);
    child.process = child.to = child.from = -1;
}
