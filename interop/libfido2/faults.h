// What libfido2 makes of the lies of an authenticator: `stuntkey faults --answers`.

#ifndef FAULTS_H
#define FAULTS_H

// Plays the lies of these ids, or a sound authenticator for the id SOUND, and prints one line of JSON for each, after
// one that names the client. Returns 0, or 1 if something could not be played.
#define SOUND "sound"
int play_faults(char *program, char *const ids[]);

#endif
