package dev.stuntkey;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The suite for relying parties, played against an application in process: without sockets, and
 * with no threads of its own. Each method gives a new value, so that it can be shared.
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> conforms() {
 *   return ConformTests.of(Conform.of(application, "https://login.example.com"));
 * }
 * }</pre>
 *
 * <p>{@link dev.stuntkey.junit.ConformTests} has a test for each case; without JUnit, {@link
 * #run()} plays them all.
 */
public final class Conform {
  private final Application application;
  private final Map<String, Object> members;
  private final List<Path> reports;

  private Conform(Application application, Map<String, Object> members, List<Path> reports) {
    this.application = application;
    this.members = members;
    this.reports = reports;
  }

  /**
   * An application that speaks the FIDO conformance REST binding, unless {@link #description} says
   * otherwise. What has to wait, such as for a challenge to expire, is skipped, unless {@link
   * #longestWait} allows it.
   *
   * @param application the application
   * @param origin the origin of its pages
   * @return all cases, for this application
   */
  public static Conform of(Application application, String origin) {
    return new Conform(application, Map.of(), List.of())
        .set("origin", origin)
        .description("fido")
        .longestWait(Duration.ZERO);
  }

  /**
   * How the application is spoken to.
   *
   * @param description the name of a description that is ready, such as {@code spring-security}, or
   *     a description in TOML
   * @return this, with it
   */
  public Conform description(String description) {
    return set("description", description);
  }

  /**
   * What the URLs of requests begin with, in place of the origin.
   *
   * @param url such as {@code https://login.example.com/application}
   * @return this, with it
   */
  public Conform url(String url) {
    return set("url", url);
  }

  /**
   * A value for a name in the description.
   *
   * @param name the name
   * @param value the value
   * @return this, with it
   */
  public Conform variable(String name, String value) {
    return put("variables", name, value);
  }

  /**
   * A header that every request has.
   *
   * @param name the name
   * @param value the value
   * @return this, with it
   */
  public Conform header(String name, String value) {
    return put("headers", name, value);
  }

  /**
   * What keys, ids, user names and challenges follow from. Without it, it is drawn, and the report
   * names it.
   *
   * @param seed any text
   * @return this, with it
   */
  public Conform seed(String seed) {
    return set("seed", seed);
  }

  /**
   * The cases to play, in place of all.
   *
   * @param cases ids, beginnings of ids up to a slash, or globs
   * @return this, with them
   */
  public Conform only(String... cases) {
    return set("only", List.of(cases));
  }

  /**
   * The document that the application is held to.
   *
   * @param profile {@code l3}, the default, {@code l2} or {@code fido}
   * @return this, with it
   */
  public Conform profile(String profile) {
    return set("profile", profile);
  }

  /**
   * What speaks against the application.
   *
   * @param level {@code critical} failures alone, failed MUSTs too ({@code must}, the default), or
   *     failed SHOULDs and weak refusals too ({@code should})
   * @return this, with it
   */
  public Conform failOn(String level) {
    return set("failOn", level);
  }

  /**
   * What the application's policy allows, though the standard's default is to refuse it.
   *
   * @param allowances such as {@code subdomain-origins}, {@code other-ports} or {@code embedding}
   * @return this, with them
   */
  public Conform allow(String... allowances) {
    return set("allow", List.of(allowances));
  }

  /**
   * What is known of the application already: a known failure raises no alarm, and an unexpected
   * pass does.
   *
   * @param toml the text of an expectation file
   * @return this, with it
   */
  public Conform expectations(String toml) {
    return set("expectations", toml);
  }

  /**
   * The authenticators that people have.
   *
   * @param model a model; the default has every algorithm
   * @return this, with it
   */
  public Conform model(Model model) {
    return model.json().map(json -> set("model", json)).orElse(this);
  }

  /**
   * The authority at the end of attestation chains, in place of the test root.
   *
   * @param pem a certificate and its private key
   * @return this, with it
   */
  public Conform attestationAuthority(String pem) {
    return set("attestationAuthority", pem);
  }

  /**
   * The form of user names.
   *
   * @param form such as {@code {}@example.org}
   * @return this, with it
   */
  public Conform userNames(String form) {
    return set("userNames", form);
  }

  /**
   * The shape of replies, in place of what the description says.
   *
   * @param preset such as {@code l3} or {@code fido}: {@link Build#presets()} has them
   * @return this, with it
   */
  public Conform reply(String preset) {
    return set("reply", preset);
  }

  /**
   * How long a case may wait, such as for a challenge to expire. The run sleeps as long. Without
   * it, cases that have to wait are skipped.
   *
   * @param longest at most
   * @return this, with it
   */
  public Conform longestWait(Duration longest) {
    return set("longestWait", longest.toMillis());
  }

  /**
   * What reports call the application.
   *
   * @param name a name
   * @return this, with it
   */
  public Conform name(String name) {
    return set("name", name);
  }

  /**
   * The library that the application stands on, for hints in code.
   *
   * @param library such as {@code webauthn4j}
   * @return this, with it
   */
  public Conform library(String library) {
    return set("library", library);
  }

  /**
   * Writes the report to a file at the end of the run.
   *
   * @param file its extension says in which form: {@code json}, {@code xml} (JUnit), {@code md},
   *     {@code html}, {@code sarif} or {@code txt}
   * @return this, with it
   */
  public Conform report(Path file) {
    List<Path> more = new ArrayList<>(reports);
    more.add(file);
    return new Conform(application, members, Collections.unmodifiableList(more));
  }

  /**
   * The cases that would be played, in their order.
   *
   * @return the cases
   */
  public List<ConformCase> cases() {
    return new Request("cases")
        .with("only", members.get("only"))
        .with("profile", members.get("profile"))
        .send(Doors.any(), Json.listOf(ConformCase.class));
  }

  /**
   * Begins a run, to be carried on step by step. It does not call the application yet.
   *
   * @return the run
   * @throws StuntkeyException if a description, an expectation or an option cannot be used, or no
   *     case is meant
   */
  public ConformRun begin() {
    return new ConformRun(application, members, reports);
  }

  /**
   * Plays all cases.
   *
   * @return the run, which is done
   * @throws StuntkeyException if a description, an expectation or an option cannot be used, or no
   *     case is meant
   */
  public ConformRun run() {
    return run(result -> {});
  }

  /**
   * Plays all cases, and tells what came of each as it ends.
   *
   * @param ended takes each case that has ended
   * @return the run, which is done
   * @throws StuntkeyException if a description, an expectation or an option cannot be used, or no
   *     case is meant
   */
  public ConformRun run(Consumer<? super CaseResult> ended) {
    ConformRun run = begin();
    for (CaseResult result = run.next(); result != null; result = run.next()) {
      ended.accept(result);
    }
    return run;
  }

  private Conform put(String map, String name, String value) {
    Map<String, Object> more = new LinkedHashMap<>();
    if (members.get(map) instanceof Map<?, ?> known) {
      known.forEach((key, before) -> more.put((String) key, before));
    }
    more.put(name, value);
    return set(map, Collections.unmodifiableMap(more));
  }

  private Conform set(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(members);
    more.put(name, value);
    return new Conform(application, Collections.unmodifiableMap(more), reports);
  }
}
