// `stuntkey device --udp` in a child process, and the hands that hold it.

#ifndef HID_H
#define HID_H

#include <fido.h>

// The answer to a line at its control socket, without the end of the line.
void hid_tell(const char *command, char *answer, size_t room);

// The same, where the answer has to be `ok`.
void hid_told(const char *command);

// Waits until the authenticator waits for its user.
void hid_waits(void);

#endif
