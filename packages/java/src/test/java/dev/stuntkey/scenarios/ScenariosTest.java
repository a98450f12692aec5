package dev.stuntkey.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

class ScenariosTest {
  @Test
  void everyScenarioIsATestHere() throws IOException {
    String text = Files.readString(Path.of("..", "scenarios.json"));
    Set<String> scenarios =
        JsonParser.parseString(text)
            .getAsJsonObject()
            .getAsJsonObject("scenarios")
            .keySet()
            .stream()
            .map(ScenariosTest::inCamelCase)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> tests =
        Stream.of(
                CeremoniesTest.class,
                AttestationTest.class,
                RefusalsTest.class,
                CredentialsTest.class,
                FaultsTest.class,
                TranscriptTest.class)
            .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
            .filter(method -> AnnotationSupport.isAnnotated(method, Testable.class))
            .map(method -> method.getName())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(scenarios, tests);
  }

  private static String inCamelCase(String name) {
    return Pattern.compile("-(.)").matcher(name).replaceAll(match -> match.group(1).toUpperCase());
  }
}
