package dev.stuntkey;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which credentials: those that fit everything that is given. Each method gives a new filter. */
public final class CredentialFilter {
  private static final CredentialFilter ALL = new CredentialFilter(Map.of());

  private final Map<String, Object> members;

  private CredentialFilter(Map<String, Object> members) {
    this.members = members;
  }

  /**
   * Every credential.
   *
   * @return the filter
   */
  public static CredentialFilter all() {
    return ALL;
  }

  /**
   * The credential of this id.
   *
   * @param id the credential id
   * @return this filter, with it
   */
  public CredentialFilter id(byte[] id) {
    return set("id", id);
  }

  /**
   * The credentials of this relying party.
   *
   * @param rpId the RP ID
   * @return this filter, with it
   */
  public CredentialFilter rpId(String rpId) {
    return set("rpId", rpId);
  }

  /**
   * The credentials of the accounts of this name.
   *
   * @param userName the name
   * @return this filter, with it
   */
  public CredentialFilter userName(String userName) {
    return set("userName", userName);
  }

  /**
   * The credentials of this user handle.
   *
   * @param userHandle the user handle
   * @return this filter, with it
   */
  public CredentialFilter userHandle(byte[] userHandle) {
    return set("userHandle", userHandle);
  }

  private CredentialFilter set(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(members);
    more.put(name, value);
    return new CredentialFilter(Collections.unmodifiableMap(more));
  }

  Map<String, Object> members() {
    return members;
  }
}
