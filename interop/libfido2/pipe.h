// An authenticator in a child process: the example ctap2_pipe, whose head describes the frames.

#ifndef PIPE_H
#define PIPE_H

#include <stddef.h>
#include <stdint.h>

// Commands of ctap2_pipe's own.
#define PIPE_POWER_CYCLE 0x40
#define PIPE_CLOCK 0x41
#define PIPE_LIES 0x42

// Starts `arguments[0]` with the other arguments; the list ends with NULL. Returns 0, or -1 and sets errno.
int pipe_start(char *const arguments[]);

// Sends a command with its data. Returns 0, or -1 if the authenticator is gone.
int pipe_send(uint8_t command, const void *data, size_t length);

// Receives an answer within so many milliseconds; -1 waits. Returns its length, or -1;
// an answer that is longer than the room is taken off the pipe all the same.
int pipe_receive(void *data, size_t room, int milliseconds);

// Receives a line, without its end. Returns 0, or -1 if the authenticator is gone or the line is too long.
int pipe_line(char *line, size_t room);

// Ends the authenticator's input, and waits until it has ended, too.
void pipe_stop(void);

#endif
