package dev.stuntkey;

/**
 * What a server stores of a credential that was added.
 *
 * @param id the credential id in base64url
 * @param publicKey the credential public key, a COSE_Key, in base64url
 * @param publicKeySpki the same as a SubjectPublicKeyInfo, in base64url
 */
public record AddedCredential(String id, String publicKey, String publicKeySpki) {
  /**
   * The record with which {@link Verifier} knows the credential.
   *
   * @return a record without a user
   */
  public CredentialRecord record() {
    return CredentialRecord.of(id, publicKey);
  }
}
