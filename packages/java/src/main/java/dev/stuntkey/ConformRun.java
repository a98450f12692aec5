package dev.stuntkey;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A run of the suite for relying parties, which {@link Conform} begins. It is used by one thread at
 * a time.
 */
public final class ConformRun {
  /** Its own, as a run may take longer than the tests beside it can wait. */
  private final Door door = Door.open();

  private final Application application;
  private final List<Path> reports;
  private final long run;
  private final Deque<CaseResult> untold = new ArrayDeque<>();
  private final List<CaseResult> results = new ArrayList<>();
  private Map<String, ?> answer;
  private Throwable thrown;
  private Throwable thrownBefore;
  private Done done;

  private record Made(long run, int cases) {}

  private record Ended(String id, String requirement, String verdict, String why, boolean alarm) {}

  private record Done(boolean conforms, String summary) {}

  private record Text(String text) {}

  private record Sent(
      long number,
      long session,
      String action,
      String method,
      String url,
      String pathAndQuery,
      List<List<String>> headers,
      String body) {}

  ConformRun(Application application, Map<String, Object> members, List<Path> reports) {
    this.application = application;
    this.reports = reports;
    for (Path file : reports) {
      extension(file);
    }
    Made made = new Request("conform.new").withAll(members).send(door, Made.class);
    run = made.run();
  }

  /**
   * Plays until a case has ended.
   *
   * @return what came of it; null, if the run is done
   */
  public synchronized CaseResult next() {
    while (untold.isEmpty() && done == null) {
      step();
    }
    return untold.poll();
  }

  /**
   * Whether every case was played, and nothing speaks against the application. If there is more to
   * play, it is played first.
   *
   * @return yes or no
   */
  public boolean conforms() {
    return done().conforms();
  }

  /**
   * The report for people. If there is more to play, it is played first.
   *
   * @return several lines
   */
  public String summary() {
    return done().summary();
  }

  /**
   * What came of the cases that have ended.
   *
   * @return in their order
   */
  public synchronized List<CaseResult> results() {
    return List.copyOf(results);
  }

  /**
   * The report. If there is more to play, it is played first.
   *
   * @param format {@code json}, {@code xml} (JUnit), {@code md}, {@code html}, {@code sarif} or
   *     {@code txt}
   * @return its text
   */
  public String report(String format) {
    done();
    Text report =
        new Request("conform.report")
            .with("run", run)
            .with("format", format)
            .send(door, Text.class);
    return report.text();
  }

  /**
   * Fails with the report for people, unless the application conforms. If there is more to play, it
   * is played first.
   *
   * @throws AssertionError if something speaks against the application, or there is no verdict
   */
  public void assertConforms() {
    if (!conforms()) {
      throw new AssertionError(summary(), thrownBefore);
    }
  }

  private synchronized Done done() {
    while (done == null) {
      step();
    }
    return done;
  }

  private void step() {
    JsonObject next =
        new Request("conform.next")
            .with("run", run)
            .with("answer", answer)
            .sendForJson(door)
            .getAsJsonObject();
    answer = null;
    for (JsonElement one : next.getAsJsonArray("ended")) {
      Ended ended = Json.read(one, Ended.class);
      CaseResult result =
          new CaseResult(
              ended.id(),
              ended.requirement(),
              ended.verdict(),
              ended.why(),
              ended.alarm(),
              Optional.ofNullable(thrown));
      thrown = null;
      untold.add(result);
      results.add(result);
    }
    JsonObject step = next.getAsJsonObject("step");
    switch (step.get("step").getAsString()) {
      case "request" -> answer = send(Json.read(step, Sent.class));
      case "wait" -> sleep(step.get("milliseconds").getAsLong());
      case "done" -> {
        done = Json.read(step, Done.class);
        write();
      }
      default -> throw new IllegalStateException("an unknown step: " + step);
    }
  }

  private Map<String, ?> send(Sent sent) {
    Map<String, List<String>> headers = new TreeMap<>();
    for (List<String> header : sent.headers()) {
      headers
          .computeIfAbsent(header.get(0).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(header.get(1));
    }
    var request =
        new Application.Request(
            sent.number(),
            sent.session(),
            sent.action(),
            sent.method(),
            sent.url(),
            sent.pathAndQuery(),
            Collections.unmodifiableMap(headers),
            sent.body());
    try {
      Application.Response response = application.answer(request);
      if (response == null) {
        throw new NullPointerException("the application gave no response, but null");
      }
      return Map.of(
          "status", response.status(), "headers", response.headers(), "body", response.body());
    } catch (InterruptedException interrupted) {
      throw stopped(interrupted);
    } catch (Exception | AssertionError | LinkageError | StackOverflowError error) {
      // A server would turn it into a breakdown. Other errors are the virtual machine's, not the
      // application's.
      thrown = error;
      thrownBefore = error;
      return Map.of("failed", "the application threw " + error);
    }
  }

  private static void sleep(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException interrupted) {
      throw stopped(interrupted);
    }
  }

  private static IllegalStateException stopped(InterruptedException interrupted) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("the run was interrupted", interrupted);
  }

  private void write() {
    for (Path file : reports) {
      try {
        Path folder = file.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Files.writeString(file, report(extension(file)));
      } catch (IOException error) {
        throw new UncheckedIOException("the report " + file, error);
      }
    }
  }

  private static String extension(Path file) {
    String name = file.getFileName().toString();
    String extension = name.substring(name.lastIndexOf('.') + 1);
    List<String> formats = List.of("json", "xml", "md", "html", "sarif", "txt");
    if (!formats.contains(extension)) {
      throw new IllegalArgumentException(
          "the report " + file + ": expected a name that ends in one of " + formats);
    }
    return extension;
  }
}
