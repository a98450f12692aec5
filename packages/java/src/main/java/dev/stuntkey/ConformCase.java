package dev.stuntkey;

/**
 * A case of the suite for relying parties.
 *
 * @param id its id
 * @param requirement what a relying party has to do: {@code must refuse …}
 * @param level {@code MUST}, {@code SHOULD}, {@code MAY} or {@code advice}
 * @param clause the clause that says so
 */
public record ConformCase(String id, String requirement, String level, String clause) {}
