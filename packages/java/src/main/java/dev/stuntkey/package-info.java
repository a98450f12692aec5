/**
 * A FIDO2 authenticator in software, and the browser around it, for tests of passkeys.
 *
 * <p>{@link dev.stuntkey.Authenticator} is where to begin. {@link dev.stuntkey.Verifier} is the
 * other side: what a relying party has to check. {@link dev.stuntkey.Faults} has what it has to
 * refuse.
 *
 * <p>Bytes in records are base64url texts, as in the standard's JSON. Everything here may be used
 * by several threads. Nothing here asks the network, the disk or the system's clock but for the
 * time of each call.
 */
package dev.stuntkey;
