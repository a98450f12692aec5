package dev.stuntkey;

import java.util.Locale;

/** What the user does when the authenticator asks. */
public enum UserAnswer implements CeremonyOption {
  /** Touches the authenticator and is verified. */
  VERIFIED,
  /** Touches it, and is not verified. */
  PRESENT,
  /** Says no. */
  DENIED,
  /** Does nothing until the time is over. */
  NONE;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
