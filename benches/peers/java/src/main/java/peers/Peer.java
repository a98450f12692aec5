package peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * Libraries in Java beside stuntkey: `Peer NAME` answers JSON lines, as ../README.md describes them.
 *
 * <p>The names are java-webauthn-server and webauthn4j, which verify, and webauthn4j-test, which is an authenticator.
 * What a library leaves to the application is done as in interop/java.
 */
final class Peer {

  static final ObjectMapper JSON = new ObjectMapper();

  /** What is done again and again, and shown or asked once. */
  interface Work {
    void run() throws Exception;

    Map<String, ?> answer(JsonNode request) throws Exception;
  }

  interface Verifier {
    void verify(String reply) throws Exception;
  }

  interface Maker {
    String make() throws Exception;
  }

  /** A reply that is verified again and again. A library refuses one by an exception. */
  record Verification(String sound, Verifier verifier) implements Work {
    @Override
    public void run() throws Exception {
      verifier.verify(sound);
    }

    @Override
    public Map<String, ?> answer(JsonNode request) {
      try {
        verifier.verify(request.get("reply").asText());
      } catch (Exception exception) {
        return Map.of("refused", exception.toString());
      }
      return Map.of("accepted", true);
    }
  }

  /** A reply that is made again and again, and a pair of replies by one key to be looked at. */
  record Making(Maker maker, Maker registration, Maker login) implements Work {
    @Override
    public void run() throws Exception {
      maker.make();
    }

    @Override
    public Map<String, ?> answer(JsonNode request) throws Exception {
      // One after the other: the login is by the key that was registered.
      String registered = registration.make();
      return Map.of("registration", registered, "login", login.make());
    }
  }

  interface Library {
    Map<String, Work> works(JsonNode fixture) throws Exception;
  }

  private record Named(Class<?> of, Library library) {}

  private static final Map<String, Named> LIBRARIES =
      Map.of(
          "java-webauthn-server",
          new Named(com.yubico.webauthn.RelyingParty.class, JavaWebauthnServer::works),
          "webauthn4j",
          new Named(com.webauthn4j.WebAuthnManager.class, Webauthn4j::works),
          "webauthn4j-test",
          new Named(com.webauthn4j.test.client.ClientPlatform.class, Webauthn4jTest::works));

  private Peer() {}

  public static void main(String[] arguments) throws Exception {
    Named named = arguments.length == 1 ? LIBRARIES.get(arguments[0]) : null;
    if (named == null) {
      System.err.println("usage: Peer " + String.join("|", LIBRARIES.keySet()));
      System.exit(2);
      return;
    }
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Map<String, Work> works = named.library().works(JSON.readTree(lines.readLine()));
    print(
        answers,
        Map.of(
            "name", arguments[0],
            "version", versionOf(named.of()),
            "runtime", "Java " + System.getProperty("java.version"),
            "works", works.keySet()));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode request = JSON.readTree(line);
      Work work = works.get(request.get("work").asText());
      print(
          answers,
          request.has("count")
              ? Map.of("nanoseconds", nanoseconds(work, request.get("count").asInt()))
              : work.answer(request));
    }
  }

  private static void print(PrintStream answers, Map<String, ?> answer) throws IOException {
    answers.println(JSON.writeValueAsString(answer));
  }

  private static long nanoseconds(Work work, int count) throws Exception {
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      work.run();
    }
    return System.nanoTime() - start;
  }

  /** The version in the name of the library's archive. */
  private static String versionOf(Class<?> library) {
    Path archive = Path.of(library.getProtectionDomain().getCodeSource().getLocation().getPath()).getFileName();
    return archive.toString().replaceAll("^.*?-(?=[0-9])|(\\.RELEASE)?\\.jar$", "");
  }
}
