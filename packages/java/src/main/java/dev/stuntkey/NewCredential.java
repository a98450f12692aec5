package dev.stuntkey;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A credential that no ceremony makes. What is not set is drawn, or has the default of a new
 * credential. Each method gives a new one.
 */
public final class NewCredential {
  private final Map<String, Object> members;

  private NewCredential(Map<String, Object> members) {
    this.members = members;
  }

  /**
   * A credential of a relying party.
   *
   * @param rpId the RP ID
   * @return the credential
   */
  public static NewCredential of(String rpId) {
    return new NewCredential(Map.of("rpId", rpId));
  }

  /**
   * The credential id. Without it, 32 bytes are drawn.
   *
   * @param id 1 to 1023 bytes
   * @return this credential, with it
   */
  public NewCredential id(byte[] id) {
    return set("id", id);
  }

  /**
   * The user. With a user handle, the credential is discoverable.
   *
   * @param userHandle at most 64 bytes
   * @param name the name of the account
   * @param displayName the name for people to read
   * @return this credential, with them
   */
  public NewCredential user(byte[] userHandle, String name, String displayName) {
    return set("userHandle", userHandle).set("userName", name).set("userDisplayName", displayName);
  }

  /**
   * The algorithm of the key. Without it, it is the authenticator's first.
   *
   * @param name such as {@code ES256}
   * @return this credential, with it
   */
  public NewCredential algorithm(String name) {
    return set("algorithm", name);
  }

  /**
   * The private key, whose credential id has to stand beside it. Without it, one is drawn.
   *
   * @param pkcs8 PKCS#8, as PEM or in base64url
   * @return this credential, with it
   */
  public NewCredential privateKey(String pkcs8) {
    return set("privateKey", pkcs8);
  }

  /**
   * The signature counter.
   *
   * @param signCount 0 to 4294967295
   * @return this credential, with it
   */
  public NewCredential signCount(long signCount) {
    return set("signCount", signCount);
  }

  /**
   * Whether it may be backed up, and whether it is.
   *
   * @param eligible the flag BE
   * @param state the flag BS
   * @return this credential, with them
   */
  public NewCredential backup(boolean eligible, boolean state) {
    return set("backupEligible", eligible).set("backupState", state);
  }

  private NewCredential set(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(members);
    more.put(name, value);
    return new NewCredential(Collections.unmodifiableMap(more));
  }

  Map<String, Object> members() {
    return members;
  }
}
