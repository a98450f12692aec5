package dev.stuntkey;

import java.util.Optional;

/**
 * What came of a case.
 *
 * @param id the case's id
 * @param requirement the requirement, in a sentence without its subject and full stop: {@code must
 *     refuse …}
 * @param verdict {@code pass}, {@code weak}, {@code fail}, {@code advice}, {@code skip} or {@code
 *     error}
 * @param why why it is no pass; empty, if it is one
 * @param alarm whether it speaks against the application
 * @param thrown what the application threw last in this case, if it threw anything
 */
public record CaseResult(
    String id,
    String requirement,
    String verdict,
    String why,
    boolean alarm,
    Optional<Throwable> thrown) {
  @Override
  public String toString() {
    return id + ": " + verdict + (why.isEmpty() ? "" : ": " + why);
  }
}
