package dev.stuntkey;

import java.util.List;
import java.util.Optional;

/**
 * A step of a verification.
 *
 * @param step its number in WebAuthn L3 §7.1 or §7.2
 * @param title what it is about
 * @param clause document, section and step
 * @param verdict {@code passed}, {@code failed}, {@code not reached} or {@code not applicable}
 * @param seen what was seen, where that is worth telling
 * @param reason why it is not applicable
 * @param failures the checks that failed
 */
public record VerificationStep(
    int step,
    String title,
    String clause,
    String verdict,
    Optional<String> seen,
    Optional<String> reason,
    List<VerificationFailure> failures) {}
