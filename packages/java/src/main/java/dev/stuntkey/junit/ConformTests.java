package dev.stuntkey.junit;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.stuntkey.CaseResult;
import dev.stuntkey.Conform;
import dev.stuntkey.ConformCase;
import dev.stuntkey.ConformRun;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;

/** The suite for relying parties as JUnit's tests, one for each case. */
// Whoever uses it has JUnit, and the others need no module of its.
@SuppressWarnings("exports")
public final class ConformTests {
  private final ConformRun run;
  private final Map<String, CaseResult> ended = new HashMap<>();
  private boolean isStuck;

  private ConformTests(ConformRun run) {
    this.run = run;
  }

  /**
   * A test for each case, and a last one for the whole run, for a {@code @TestFactory} to return.
   *
   * <p>A case that speaks against the application fails its test, with what the application threw
   * as the cause; one that was skipped is aborted, with the reason. If the run does not conform,
   * the last test fails with the report for people.
   *
   * @param conform the cases, and the application
   * @return the tests
   * @throws dev.stuntkey.StuntkeyException if a description, an expectation or an option cannot be
   *     used, or no case is meant
   */
  public static Stream<DynamicTest> of(Conform conform) {
    ConformTests tests = new ConformTests(conform.begin());
    return Stream.concat(
        conform.cases().stream().map(one -> dynamicTest(one.id(), () -> tests.judge(one))),
        Stream.of(dynamicTest("the whole run conforms", tests.run::assertConforms)));
  }

  private void judge(ConformCase one) {
    CaseResult result = resultOf(one.id());
    if (result == null) {
      Assumptions.abort("not played, as the run ended before");
    } else if (result.alarm()) {
      String message = one.requirement() + " (" + one.clause() + "), but: " + result.why();
      throw new AssertionError(message, result.thrown().orElse(null));
    } else if (result.verdict().equals("skip")) {
      Assumptions.abort(result.why());
    }
  }

  /** JUnit may have tests run at once, or in another order: whoever comes first plays for all. */
  private synchronized CaseResult resultOf(String id) {
    while (!ended.containsKey(id)) {
      // What the run cannot go on after fails one test, and the last one.
      if (isStuck) {
        return null;
      }
      isStuck = true;
      CaseResult result = run.next();
      isStuck = false;
      if (result == null) {
        return null;
      }
      ended.put(result.id(), result);
    }
    return ended.get(id);
  }
}
