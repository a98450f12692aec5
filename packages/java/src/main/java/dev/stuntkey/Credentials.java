package dev.stuntkey;

import java.util.List;

/** The credentials on an authenticator. */
public final class Credentials {
  private final Authenticator authenticator;

  Credentials(Authenticator authenticator) {
    this.authenticator = authenticator;
  }

  /**
   * Lists every credential.
   *
   * @return the credentials, newest first
   */
  public List<Credential> list() {
    return list(CredentialFilter.all());
  }

  /**
   * Lists credentials.
   *
   * @param filter which
   * @return the credentials, newest first
   */
  public List<Credential> list(CredentialFilter filter) {
    return about("credentials.list", filter)
        .send(authenticator.door(), Json.listOf(Credential.class));
  }

  /**
   * Adds a credential that no ceremony made.
   *
   * @param credential the credential
   * @return what a server stores of it
   */
  public AddedCredential add(NewCredential credential) {
    return authenticator
        .request("credentials.add")
        .withAll(credential.members())
        .send(authenticator.door(), AddedCredential.class);
  }

  private record Removed(int removed) {}

  /**
   * Removes credentials.
   *
   * @param filter which
   * @return how many were removed
   */
  public int remove(CredentialFilter filter) {
    Request request = about("credentials.remove", filter);
    if (filter.members().isEmpty()) {
      request.with("all", true);
    }
    return request.<Removed>send(authenticator.door(), Removed.class).removed();
  }

  private record Imported(int imported, List<String> notices) {}

  /**
   * Takes credentials of another tool's, in the form of WebDriver, the DevTools Protocol or
   * Playwright.
   *
   * @param json one credential, or an array of them, newest first
   * @return what was mended
   */
  public List<String> importFrom(String json) {
    return authenticator
        .request("credentials.import")
        .with("credentials", json)
        .<Imported>send(authenticator.door(), Imported.class)
        .notices();
  }

  /**
   * Gives credentials with their private keys, as WebDriver's virtual authenticators take them.
   *
   * @param filter which
   * @return a JSON array
   */
  public String exportWebDriver(CredentialFilter filter) {
    return about("credentials.export", filter)
        .with("as", "webdriver")
        .sendForJson(authenticator.door())
        .toString();
  }

  /**
   * Gives credentials with their private keys, as Playwright takes them.
   *
   * @param filter which
   * @return a JSON array
   */
  public String exportPlaywright(CredentialFilter filter) {
    return about("credentials.export", filter)
        .with("as", "playwright")
        .sendForJson(authenticator.door())
        .toString();
  }

  /**
   * Gives the private keys of credentials.
   *
   * @param filter which
   * @return a PEM text each, PKCS#8
   */
  public List<String> exportPkcs8(CredentialFilter filter) {
    return about("credentials.export", filter)
        .with("as", "pkcs8")
        .send(authenticator.door(), Json.listOf(String.class));
  }

  private Request about(String operation, CredentialFilter filter) {
    return authenticator.request(operation).withAll(filter.members());
  }
}
