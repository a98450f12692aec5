package dev.stuntkey;

import java.util.Locale;

/** One of the two ceremonies. */
public enum Ceremony {
  /** {@code navigator.credentials.create()}. */
  REGISTRATION,
  /** {@code navigator.credentials.get()}. */
  AUTHENTICATION;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
