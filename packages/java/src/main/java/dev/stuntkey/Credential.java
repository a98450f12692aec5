package dev.stuntkey;

import com.google.gson.annotations.SerializedName;
import java.util.Optional;

/**
 * A credential on an authenticator, without its private key.
 *
 * @param id the credential id in base64url, as {@link Reply#id()} has it
 * @param rpId the RP ID
 * @param userHandle the user handle in base64url; empty if it has none
 * @param userName the name of the account
 * @param userDisplayName the name for people to read
 * @param algorithm such as {@code ES256}
 * @param discoverable whether it is found without its id
 * @param signCount the signature counter
 * @param backupEligible whether it may be backed up
 * @param backupState whether it is
 */
public record Credential(
    String id,
    String rpId,
    Optional<String> userHandle,
    String userName,
    String userDisplayName,
    @SerializedName("alg") String algorithm,
    boolean discoverable,
    long signCount,
    boolean backupEligible,
    boolean backupState) {

  /**
   * The credential id.
   *
   * @return bytes
   */
  public byte[] idBytes() {
    return Json.bytes(id);
  }
}
