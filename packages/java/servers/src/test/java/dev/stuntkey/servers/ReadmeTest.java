package dev.stuntkey.servers;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.yubico.webauthn.RelyingParty;
import com.yubico.webauthn.data.UserIdentity;
import dev.stuntkey.Page;
import dev.stuntkey.junit.Stuntkey;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the snippet of the first page that needs a server. */
class ReadmeTest {
  private static final String CLASS =
      """
      import com.yubico.webauthn.*;
      import com.yubico.webauthn.data.*;
      import dev.stuntkey.Page;

      public class Snippet {
        public static void run(RelyingParty relyingParty, UserIdentity ada, Page page) throws Exception {
      %s
        }
      }
      """;

  @TempDir Path folder;

  @Test
  void theSnippetWithAServerPasses(@Stuntkey(origin = JavaWebauthnServerTest.ORIGIN) Page page)
      throws Exception {
    Matcher block =
        Pattern.compile("^```java server\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(Files.readString(Path.of("..", "README.md")));
    assertTrue(block.find());
    Path file = Files.writeString(folder.resolve("Snippet.java"), CLASS.formatted(block.group(1)));
    var compiler = ToolProvider.getSystemJavaCompiler();
    var messages = new StringWriter();
    var options = List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
    var files = compiler.getStandardFileManager(null, null, null).getJavaFileObjects(file);
    assertTrue(
        compiler.getTask(messages, null, null, options, null, files).call(), messages::toString);
    URL[] places = {folder.toUri().toURL()};
    try (var loader = new URLClassLoader(places, getClass().getClassLoader())) {
      loader
          .loadClass("Snippet")
          .getMethod("run", RelyingParty.class, UserIdentity.class, Page.class)
          .invoke(null, new JavaWebauthnServerTest().server, JavaWebauthnServerTest.ADA, page);
    }
  }

  /** The snippet for Spring is a part of the test that runs it. */
  @Test
  void theSnippetForSpringIsThatOfItsTest() throws Exception {
    Matcher block =
        Pattern.compile("^```java spring\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(Files.readString(Path.of("..", "README.md")));
    assertTrue(block.find());
    Path test = Path.of("src/test/java/dev/stuntkey/servers/SpringSecurityConformTest.java");
    String source = Files.readString(test).replaceAll("\\s+", " ");
    assertTrue(source.contains(block.group(1).replaceAll("\\s+", " ").strip()), block::group);
  }
}
