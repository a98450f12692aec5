package dev.stuntkey.readme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * Compiles and runs every snippet of the first page: the first is a class, and the others are
 * members of it.
 */
class ReadmeTest {
  private static final String IMPORTS =
      """
      import static dev.stuntkey.readme.YourServer.yourServer;
      import dev.stuntkey.junit.ConformTests;
      import java.nio.file.Path;
      import java.util.*;
      import java.util.stream.Stream;
      import org.junit.jupiter.api.DynamicTest;
      import org.junit.jupiter.api.TestFactory;
      import org.junit.jupiter.params.ParameterizedTest;
      import org.junit.jupiter.params.provider.MethodSource;
      """;

  @TempDir Path folder;

  private static List<String> snippets() throws IOException {
    Matcher blocks =
        Pattern.compile("^```java\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")));
    List<String> snippets = new ArrayList<>();
    while (blocks.find()) {
      snippets.add(blocks.group(1));
    }
    return snippets;
  }

  @Test
  void everySnippetPasses() throws Exception {
    List<String> snippets = snippets();
    String first = snippets.get(0);
    String members = String.join("\n", snippets.subList(1, snippets.size()));
    String source = IMPORTS + first.substring(0, first.lastIndexOf('}')) + members + "}\n";
    Path file = Files.writeString(folder.resolve("PasskeyTest.java"), source);
    compile(file);
    URL[] places = {folder.toUri().toURL()};
    try (var loader = new URLClassLoader(places, getClass().getClassLoader())) {
      var listener = new SummaryGeneratingListener();
      LauncherFactory.create()
          .execute(
              LauncherDiscoveryRequestBuilder.request()
                  .selectors(selectClass(loader.loadClass("PasskeyTest")))
                  .build(),
              listener);
      var failures = new StringWriter();
      listener.getSummary().printFailuresTo(new PrintWriter(failures));
      assertEquals("", failures.toString());
      assertTrue(listener.getSummary().getTestsSucceededCount() >= snippets.size());
    }
  }

  private void compile(Path file) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    var messages = new StringWriter();
    var options =
        List.of(
            "-parameters", "-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
    var files = compiler.getStandardFileManager(null, null, null).getJavaFileObjects(file);
    assertTrue(
        compiler.getTask(messages, null, null, options, null, files).call(), messages::toString);
  }
}
