package dev.stuntkey;

import java.util.List;
import java.util.Optional;

/**
 * What a relying party keeps of a credential (WebAuthn L3 §4, credential record).
 *
 * @param id the credential id in base64url
 * @param publicKey the credential public key, a COSE_Key, in base64url
 * @param signCount the signature counter
 * @param uvInitialized whether its user was ever verified
 * @param transports how clients reach the authenticator
 * @param backupEligible whether it may be backed up
 * @param backupState whether it is
 * @param userHandle the user handle of its user in base64url
 */
public record CredentialRecord(
    String id,
    String publicKey,
    long signCount,
    boolean uvInitialized,
    List<String> transports,
    boolean backupEligible,
    boolean backupState,
    Optional<String> userHandle) {

  /**
   * A credential of which nothing else is known.
   *
   * @param id the credential id in base64url
   * @param publicKey the credential public key, a COSE_Key, in base64url
   * @return the record
   */
  public static CredentialRecord of(String id, String publicKey) {
    return new CredentialRecord(id, publicKey, 0, false, List.of(), false, false, Optional.empty());
  }

  /**
   * The same with another signature counter.
   *
   * @param signCount the signature counter
   * @return the record
   */
  public CredentialRecord withSignCount(long signCount) {
    return new CredentialRecord(
        id,
        publicKey,
        signCount,
        uvInitialized,
        transports,
        backupEligible,
        backupState,
        userHandle);
  }

  /**
   * The same with other flags.
   *
   * @param eligible whether it may be backed up
   * @param state whether it is
   * @return the record
   */
  public CredentialRecord withBackup(boolean eligible, boolean state) {
    return new CredentialRecord(
        id, publicKey, signCount, uvInitialized, transports, eligible, state, userHandle);
  }

  /**
   * The same of this user.
   *
   * @param userHandle the user handle in base64url
   * @return the record
   */
  public CredentialRecord withUserHandle(String userHandle) {
    return new CredentialRecord(
        id,
        publicKey,
        signCount,
        uvInitialized,
        transports,
        backupEligible,
        backupState,
        Optional.of(userHandle));
  }
}
