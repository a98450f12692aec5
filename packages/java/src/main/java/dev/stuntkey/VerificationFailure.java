package dev.stuntkey;

import java.util.Optional;

/**
 * A check of a verification that failed.
 *
 * @param check its name
 * @param requirement what has to be
 * @param clause document, section and step, or what says more than the step
 * @param found what was found
 * @param expected what was expected
 * @param place where in the response, if the check alone does not say it
 */
public record VerificationFailure(
    String check,
    String requirement,
    String clause,
    String found,
    String expected,
    Optional<String> place) {}
