package dev.stuntkey;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an authenticator is: one of the models that are ready to use, and settings that differ from
 * it. Each method gives a new model, so that it can be shared.
 */
public final class Model {
  static final Model DEFAULT = new Model(Optional.empty(), Map.of());

  private final Optional<String> base;
  private final Map<String, Object> settings;

  private Model(Optional<String> base, Map<String, Object> settings) {
    this.base = base;
    this.settings = settings;
  }

  /**
   * A model that is ready to use.
   *
   * @param name such as {@code security_key_ctap2_1} or {@code phone}
   * @return the model
   */
  public static Model named(String name) {
    return new Model(Optional.of(name), Map.of());
  }

  /**
   * The models that are ready to use.
   *
   * @return their names, and what they are
   */
  public static List<NamedModel> available() {
    return new Request("models").send(Doors.any(), Json.listOf(NamedModel.class));
  }

  /**
   * Every setting that a model has.
   *
   * @return the settings
   */
  public static List<ModelSetting> settings() {
    return new Request("settings").send(Doors.any(), Json.listOf(ModelSetting.class));
  }

  /**
   * The algorithms that the authenticator has.
   *
   * @param names such as {@code ES256} and {@code EdDSA}, or {@code all}
   * @return this model, with them
   */
  public Model algorithms(String... names) {
    return set("algorithms", List.of(names));
  }

  /**
   * The format of attestation statements.
   *
   * @param format such as {@code packed}, {@code tpm} or {@code none}
   * @return this model, with it
   */
  public Model attestationFormat(String format) {
    return set("attestation.format", format);
  }

  /**
   * What the user does.
   *
   * @param answer what the user does
   * @return this model, with it
   */
  public Model user(UserAnswer answer) {
    return set("user", answer.word());
  }

  /**
   * Sets a setting.
   *
   * @param name its name, as {@link #settings()} has it
   * @param value a text, number, truth value or list
   * @return this model, with it
   */
  public Model set(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(settings);
    more.put(name, value);
    return new Model(base, Collections.unmodifiableMap(more));
  }

  /** The model as the door takes it, where it is not the default. */
  Optional<Object> json() {
    if (settings.isEmpty()) {
      return base.map(Object.class::cast);
    }
    Map<String, Object> json = new LinkedHashMap<>();
    base.ifPresent(name -> json.put("base", name));
    settings.forEach((name, value) -> put(json, name, value));
    return Optional.of(json);
  }

  /**
   * Puts a setting where it belongs: {@code attestation.format} stands in the object {@code
   * attestation}.
   */
  @SuppressWarnings("unchecked")
  private static void put(Map<String, Object> json, String name, Object value) {
    int dot = name.indexOf('.');
    if (dot < 0) {
      json.put(name, value);
      return;
    }
    Object inner =
        json.computeIfAbsent(name.substring(0, dot), outer -> new LinkedHashMap<String, Object>());
    put((Map<String, Object>) inner, name.substring(dot + 1), value);
  }
}
