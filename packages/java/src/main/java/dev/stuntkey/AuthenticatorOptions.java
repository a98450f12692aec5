package dev.stuntkey;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an authenticator is, and what browser is around it. Each method gives new options, so that
 * they can be shared.
 *
 * <pre>
 * {@code Authenticator.create(Authenticator.options().model("security_key_ctap2_1").pin("1234").seed("42"))}
 * </pre>
 */
public final class AuthenticatorOptions {
  static final AuthenticatorOptions DEFAULT = new AuthenticatorOptions(Map.of(), Model.DEFAULT);

  private final Map<String, Object> members;
  private final Model model;

  private AuthenticatorOptions(Map<String, Object> members, Model model) {
    this.members = members;
    this.model = model;
  }

  /**
   * The model whose settings the authenticator has.
   *
   * @param name the name of a model: {@link Model#available()} lists them
   * @return these options, with it
   */
  public AuthenticatorOptions model(String name) {
    return model(Model.named(name));
  }

  /**
   * The model whose settings the authenticator has.
   *
   * @param model a model
   * @return these options, with it
   */
  public AuthenticatorOptions model(Model model) {
    return new AuthenticatorOptions(members, model);
  }

  /**
   * The algorithms that the authenticator has.
   *
   * @param names such as {@code ES256} and {@code EdDSA}, or {@code all}
   * @return these options, with them
   */
  public AuthenticatorOptions algorithms(String... names) {
    return model(model.algorithms(names));
  }

  /**
   * The format of the authenticator's attestation statements.
   *
   * @param format such as {@code packed}, {@code tpm} or {@code none}
   * @return these options, with it
   */
  public AuthenticatorOptions attestationFormat(String format) {
    return model(model.attestationFormat(format));
  }

  /**
   * What the user does, in each ceremony that does not say otherwise.
   *
   * @param answer what the user does
   * @return these options, with it
   */
  public AuthenticatorOptions user(UserAnswer answer) {
    return model(model.user(answer));
  }

  /**
   * What keys, ids and signatures follow from: same seed, same bytes. Without one they are random.
   *
   * @param seed any text
   * @return these options, with it
   */
  public AuthenticatorOptions seed(String seed) {
    return set("seed", seed);
  }

  /**
   * What the private keys of those credentials follow from that take no storage.
   *
   * @param secret any text
   * @return these options, with it
   */
  public AuthenticatorOptions stateless(String secret) {
    return set("stateless", secret);
  }

  /**
   * The PIN that the user knows.
   *
   * @param pin at least four characters
   * @return these options, with it
   */
  public AuthenticatorOptions pin(String pin) {
    return set("pin", pin);
  }

  /**
   * The authority at the end of attestation chains. Without one it is the test root, or one that
   * follows from the seed.
   *
   * @param pem a certificate and its private key
   * @return these options, with it
   */
  public AuthenticatorOptions attestationAuthority(String pem) {
    return set("attestationAuthority", pem);
  }

  /**
   * The ids of the next credentials.
   *
   * @param ids one for each credential
   * @return these options, with them
   */
  public AuthenticatorOptions credentialIds(byte[]... ids) {
    return set("credentialIds", Arrays.asList(ids));
  }

  /**
   * The account to log in with, where there are several.
   *
   * @param userName its name
   * @return these options, with it
   */
  public AuthenticatorOptions account(String userName) {
    return set("account", userName);
  }

  /**
   * The origins that {@code /.well-known/webauthn} of the RP ID lists.
   *
   * @param origins such as {@code https://example.net}
   * @return these options, with them
   */
  public AuthenticatorOptions relatedOrigins(String... origins) {
    return set("relatedOrigins", List.of(origins));
  }

  /**
   * Uses whatever RP ID the options name, as no browser does.
   *
   * @return these options, with it
   */
  public AuthenticatorOptions anyRpId() {
    return set("anyRpId", true);
  }

  /**
   * Refuses options that stray from the standard, instead of mending them.
   *
   * @return these options, with it
   */
  public AuthenticatorOptions strict() {
    return set("strict", true);
  }

  /**
   * The shape of {@link Reply#body()}. Without it, it is the one that goes with the shape of the
   * options.
   *
   * @param preset such as {@code spring} or {@code keycloak}: {@link Build#presets()} has them
   * @return these options, with it
   */
  public AuthenticatorOptions reply(String preset) {
    return set("reply", preset);
  }

  /**
   * Members of the body that some shapes of replies carry, and that the options may lack.
   *
   * @param members names and values
   * @return these options, with them
   */
  public AuthenticatorOptions replyMembers(Map<String, String> members) {
    return set("replyMembers", Map.copyOf(members));
  }

  /**
   * A fault that every ceremony has which is not {@link CeremonyOption#SOUND}.
   *
   * @param fault the fault
   * @return these options, with it
   */
  public AuthenticatorOptions fault(Fault fault) {
    return set("fault", fault.id());
  }

  /**
   * Faults that single ceremonies will have: the authenticator becomes what they need.
   *
   * @param faults the faults
   * @return these options, with them
   */
  public AuthenticatorOptions preparedFor(Fault... faults) {
    return set("preparedFor", Arrays.stream(faults).map(Fault::id).toList());
  }

  /**
   * Sets an option by its name. There are more than have a method here.
   *
   * @param name such as {@code conditional}
   * @param value a text, number, truth value, list or map
   * @return these options, with it
   */
  public AuthenticatorOptions set(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(members);
    more.put(name, value);
    return new AuthenticatorOptions(Collections.unmodifiableMap(more), model);
  }

  Map<String, Object> members() {
    Map<String, Object> all = new LinkedHashMap<>(members);
    model.json().ifPresent(json -> all.put("model", json));
    return all;
  }
}
