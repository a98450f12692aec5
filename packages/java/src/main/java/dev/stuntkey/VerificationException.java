package dev.stuntkey;

import java.util.Optional;

/**
 * A response that a relying party refuses, and the first check that failed. Its name is {@code
 * VerificationError}.
 */
public final class VerificationException extends StuntkeyException {
  private static final long serialVersionUID = 1L;

  /** The number of the step. */
  private final int step;

  private final transient VerificationFailure failure;

  VerificationException(int step, String message, VerificationFailure failure) {
    super(new Parts("VerificationError", message, failure.place(), Optional.empty()));
    this.step = step;
    this.failure = failure;
  }

  /**
   * The step of WebAuthn L3 §7.1 or §7.2.
   *
   * @return its number
   */
  public int step() {
    return step;
  }

  /**
   * The first check that failed.
   *
   * @return the check, what was found and what was expected
   */
  public VerificationFailure failure() {
    return failure;
  }
}
