package dev.stuntkey;

import java.util.List;
import java.util.Optional;

/**
 * One named change to a ceremony, which a server has to refuse.
 *
 * @param id such as {@code client-data/origin/subdomain}
 * @param sentence what is wrong, in a sentence without its full stop
 * @param ceremonies the ceremonies that can have it
 * @param clauses the clauses of the standard by which it is to be refused
 * @param format the format of attestation that it needs, if it needs one
 * @param algorithm the algorithm that it needs, if it needs one
 * @param policy the policy with which {@link Verifier} refuses it, where the standard leaves that
 *     to the relying party
 * @param given what else the relying party has to know, so that it can refuse it
 * @param needsPreparation whether it needs an authenticator that is made for it: {@link
 *     AuthenticatorOptions#preparedFor}
 */
public record Fault(
    String id,
    String sentence,
    List<Ceremony> ceremonies,
    List<String> clauses,
    Optional<String> format,
    Optional<String> algorithm,
    Optional<Policy> policy,
    Optional<String> given,
    boolean needsPreparation)
    implements CeremonyOption {

  /** The id, by which reports of parameterized tests name the fault. */
  @Override
  public String toString() {
    return id;
  }
}
