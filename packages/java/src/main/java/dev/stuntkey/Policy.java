package dev.stuntkey;

import com.google.gson.JsonParser;
import com.google.gson.TypeAdapter;
import com.google.gson.annotations.JsonAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the standard leaves to the relying party. Each method gives a new policy; what is not set
 * has the standard's default.
 */
@JsonAdapter(Policy.Adapter.class)
public final class Policy {
  static final Policy DEFAULT = new Policy(Map.of());

  private final Map<String, Object> members;

  private Policy(Map<String, Object> members) {
    this.members = members;
  }

  /**
   * The standard's policy.
   *
   * @return the policy
   */
  public static Policy ofTheStandard() {
    return DEFAULT;
  }

  /**
   * Whether a registration without attestation is acceptable.
   *
   * @param acceptable yes or no
   * @return this policy, with it
   */
  public Policy noneAttestation(boolean acceptable) {
    return set("noneAttestation", acceptable);
  }

  /**
   * Whether self attestation is acceptable.
   *
   * @param acceptable yes or no
   * @return this policy, with it
   */
  public Policy selfAttestation(boolean acceptable) {
    return set("selfAttestation", acceptable);
  }

  /**
   * Whether {@code x5c} of a packed statement may include the trust anchor.
   *
   * @param acceptable yes or no
   * @return this policy, with it
   */
  public Policy rootInX5c(boolean acceptable) {
    return set("rootInX5c", acceptable);
  }

  /**
   * Whether the AAGUID of a fido-u2f attestation has to be zero.
   *
   * @param required yes or no
   * @return this policy, with it
   */
  public Policy fidoU2fZeroAaguid(boolean required) {
    return set("fidoU2fZeroAaguid", required);
  }

  /**
   * Whether credentials have to be eligible for backups, or must not be. Without it, either is
   * acceptable.
   *
   * @param required what the flag BE has to be
   * @return this policy, with it
   */
  public Policy backupEligible(boolean required) {
    return set("backupEligible", required);
  }

  /**
   * Whether credentials have to be backed up, or must not be. Without it, either is acceptable.
   *
   * @param required what the flag BS has to be
   * @return this policy, with it
   */
  public Policy backedUp(boolean required) {
    return set("backedUp", required);
  }

  /**
   * Whether extension outputs that were not asked for are refused.
   *
   * @param refused yes or no
   * @return this policy, with it
   */
  public Policy refuseUnsolicitedExtensions(boolean refused) {
    return set("refuseUnsolicitedExtensions", refused);
  }

  /**
   * Whether CBOR has to be in the CTAP2 canonical encoding form.
   *
   * @param required yes or no
   * @return this policy, with it
   */
  public Policy canonicalCbor(boolean required) {
    return set("canonicalCbor", required);
  }

  /**
   * The attestation statement formats that are acceptable.
   *
   * @param formats such as {@code packed}
   * @return this policy, with them
   */
  public Policy formats(String... formats) {
    return set("formats", List.of(formats));
  }

  private Policy set(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(members);
    more.put(name, value);
    return new Policy(Collections.unmodifiableMap(more));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Policy policy && members.equals(policy.members);
  }

  @Override
  public int hashCode() {
    return members.hashCode();
  }

  @Override
  public String toString() {
    return Json.write(members);
  }

  static final class Adapter extends TypeAdapter<Policy> {
    @Override
    public void write(JsonWriter out, Policy policy) throws IOException {
      out.jsonValue(policy.toString());
    }

    @Override
    public Policy read(JsonReader in) {
      return new Policy(Json.map(JsonParser.parseReader(in)));
    }
  }
}
