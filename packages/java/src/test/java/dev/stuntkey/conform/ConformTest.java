package dev.stuntkey.conform;

import static dev.stuntkey.conform.FidoApplication.ORIGIN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.stuntkey.Application;
import dev.stuntkey.CaseResult;
import dev.stuntkey.Conform;
import dev.stuntkey.ConformRun;
import dev.stuntkey.StuntkeyException;
import dev.stuntkey.junit.ConformTests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

class ConformTest {
  private static final String[] PART = {
    "registration/client-data/challenge", "authentication/client-data/origin/subdomain"
  };

  @TempDir Path folder;

  private static Conform part(Application application) {
    return Conform.of(application, ORIGIN).only(PART).seed("java");
  }

  @TestFactory
  Stream<DynamicTest> aSoundApplicationConforms() {
    return ConformTests.of(part(new FidoApplication()));
  }

  @Test
  void casesAreToldAsTheyEndAndTheReportIsWritten() throws Exception {
    List<CaseResult> told = new ArrayList<>();
    Path page = folder.resolve("reports").resolve("conform.html");
    Path junit = folder.resolve("junit.xml");
    ConformRun run =
        part(new FidoApplication()).report(page).report(junit).name("Example").run(told::add);
    run.assertConforms();
    assertEquals(told, run.results());
    assertEquals(part(new FidoApplication()).cases().size(), told.size());
    assertTrue(Files.readString(page).contains("Example"));
    assertTrue(Files.readString(junit).startsWith("<?xml"));
    assertTrue(run.report("json").contains("\"registration/client-data/challenge/other\""));
  }

  /** Its tests fail, and another test looks at them. */
  @EnabledIfSystemProperty(named = "stuntkey.flawed", matches = "yes")
  static class Flawed {
    @TestFactory
    Stream<DynamicTest> conforms() {
      return ConformTests.of(part(new FidoApplication.WithoutChallenge()));
    }
  }

  @Test
  void anApplicationWithoutTheChallengeFailsTheCaseAboutIt() {
    var listener = new SummaryGeneratingListener();
    System.setProperty("stuntkey.flawed", "yes");
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(Flawed.class))
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
                .build(),
            listener);
    TestExecutionSummary summary = listener.getSummary();
    Map<String, String> failures = new TreeMap<>();
    summary
        .getFailures()
        .forEach(
            failure ->
                failures.put(
                    failure.getTestIdentifier().getDisplayName(),
                    failure.getException().getMessage()));
    assertTrue(
        failures.containsKey("registration/client-data/challenge/other"), failures::toString);
    assertFalse(failures.containsKey("authentication/client-data/origin/subdomain"));
    assertTrue(failures.get("the whole run conforms").contains("the challenge is not compared"));
    assertTrue(summary.getTestsSucceededCount() > 0);
  }

  @Test
  void whatTheApplicationThrowsIsTold() {
    Application sound = new FidoApplication();
    Application throwing =
        request -> {
          Application.Response response = sound.answer(request);
          if (response.status() == 400) {
            throw new IllegalStateException("the database is away");
          }
          return response;
        };
    ConformRun run = part(throwing).failOn("should").run();
    assertFalse(run.conforms());
    CaseResult weak =
        run.results().stream()
            .filter(result -> result.id().equals("registration/client-data/challenge/other"))
            .findFirst()
            .orElseThrow();
    assertTrue(weak.alarm() && weak.why().contains("the database is away"), weak::toString);
    assertInstanceOf(IllegalStateException.class, weak.thrown().orElseThrow());
  }

  @Test
  void anApplicationThatOnlyThrowsHasNoVerdict() {
    ConformRun run =
        part(request -> {
              throw new IllegalStateException("the database is away");
            })
            .run();
    var failure = assertThrows(AssertionError.class, run::assertConforms);
    assertTrue(failure.getMessage().contains("the database is away"), failure::getMessage);
    assertInstanceOf(IllegalStateException.class, failure.getCause());
    assertEquals(List.of(), run.results());
  }

  @Test
  void anApplicationThatAnswersInHtmlHasNoVerdict() {
    ConformRun run =
        part(request ->
                new Application.Response(
                    200,
                    Map.of("content-type", List.of("text/html")),
                    "<!doctype html><title>Log in</title>"))
            .run();
    var failure = assertThrows(AssertionError.class, run::assertConforms);
    assertTrue(failure.getMessage().contains("an HTML"), failure::getMessage);
  }

  @Test
  void aStatusThatIsNoneIsTold() {
    ConformRun run = part(request -> Application.Response.json(0, "")).begin();
    var error = assertThrows(StuntkeyException.class, run::next);
    assertEquals("$.answer", error.path().orElseThrow());
    assertTrue(error.detail().contains("expected a status of HTTP"), error::detail);
  }

  @Test
  void whatCannotBeUsedIsToldBeforeTheFirstRequest() {
    Application never =
        request -> {
          throw new AssertionError("it is not asked");
        };
    Map<String, Conform> wrong =
        Map.of(
            "$.description", part(never).description("about = 5"),
            "$.only", part(never).only("no/such/case"),
            "$.profile", part(never).profile("l9"),
            "$.failOn", part(never).failOn("whim"),
            "$.allow", part(never).allow("everything"),
            "$.url", part(never).url("ftp://localhost"),
            "$.expectations", part(never).expectations("[[expect]]"),
            "$.userNames", part(never).userNames("alice"),
            "$.library", part(never).library("toaster"));
    wrong.forEach(
        (path, conform) -> {
          var error = assertThrows(StuntkeyException.class, conform::begin, path);
          assertEquals(path, error.path().orElse(""), error::getMessage);
        });
    assertThrows(IllegalArgumentException.class, part(never).report(Path.of("report.pdf"))::begin);
  }
}
