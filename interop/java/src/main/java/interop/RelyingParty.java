package interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the adapters in Java share: a library as a relying party that `stuntkey conform --command` can play.
 *
 * <pre>
 *     java … ADAPTER [--root FILE]    trusts these root certificates (PEM), and answers JSON lines
 *     java … ADAPTER --version        prints the library's name and version
 * </pre>
 *
 * `docs/conform.md` says what the lines are. `R` and `A` are what a browser's session holds of a pending registration
 * and of a pending authentication.
 */
abstract class RelyingParty<R, A> {

  static final String RP_ID = "example.org";
  static final String RP_NAME = "Example";
  static final String ORIGIN = "https://example.org";
  static final ObjectMapper JSON = new ObjectMapper();

  /** What the relying party refuses, and why. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String why) {
      super(why);
    }
  }

  /** A browser. */
  static final class Session<R, A> {
    R registration;
    A authentication;

    R takeRegistration() throws Refused {
      R pending = registration;
      registration = null;
      return pendingOrRefused(pending);
    }

    A takeAuthentication() throws Refused {
      A pending = authentication;
      authentication = null;
      return pendingOrRefused(pending);
    }

    private static <T> T pendingOrRefused(T pending) throws Refused {
      if (pending == null) {
        throw new Refused("no ceremony is pending");
      }
      return pending;
    }
  }

  abstract JsonNode registrationOptions(Session<R, A> session, JsonNode wanted) throws Exception;

  abstract void registrationResult(Session<R, A> session, String reply) throws Exception;

  abstract JsonNode authenticationOptions(Session<R, A> session, JsonNode wanted) throws Exception;

  abstract void authenticationResult(Session<R, A> session, String reply) throws Exception;

  /** Whether the library says no with this exception, and did not break down. */
  abstract boolean isRefusal(Exception exception);

  /** Makes the relying party of the root certificates that it trusts. */
  interface Maker {
    RelyingParty<?, ?> of(List<X509Certificate> roots) throws Exception;
  }

  /** Runs the adapter of the library `name`, which has this class. */
  static void run(String name, Class<?> library, Maker maker, String[] arguments) throws Exception {
    List<X509Certificate> roots = new ArrayList<>();
    for (int at = 0; at < arguments.length; at++) {
      switch (arguments[at]) {
        case "--version" -> {
          System.out.println(name + " " + versionOf(library));
          return;
        }
        case "--root" -> roots.addAll(certificates(Path.of(arguments[++at])));
        default -> throw new IllegalArgumentException("unknown: " + arguments[at]);
      }
    }
    maker.of(roots).answerLines();
  }

  private static List<X509Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
    try (InputStream pem = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(pem).stream()
          .map(X509Certificate.class::cast)
          .toList();
    }
  }

  /** The version in the name of the library's archive. */
  private static String versionOf(Class<?> library) {
    Path archive = Path.of(library.getProtectionDomain().getCodeSource().getLocation().getPath()).getFileName();
    return archive.toString().replaceAll("^.*?-(?=[0-9])|(\\.RELEASE)?\\.jar$", "");
  }

  private void answerLines() throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Map<Long, Session<R, A>> sessions = new HashMap<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode request = JSON.readTree(line);
      Session<R, A> session = sessions.computeIfAbsent(request.get("session").asLong(), number -> new Session<>());
      answers.println(JSON.writeValueAsString(answer(session, request)));
    }
  }

  private Map<String, ?> answer(Session<R, A> session, JsonNode request) {
    try {
      return Map.of("accepted", accepted(session, request));
    } catch (Refused refused) {
      return Map.of("refused", refused.getMessage());
    } catch (Exception exception) {
      if (isRefusal(exception)) {
        return Map.of("refused", describe(exception));
      }
      exception.printStackTrace();
      return Map.of("crashed", describe(exception));
    } catch (StackOverflowError error) {
      return Map.of("crashed", describe(error));
    }
  }

  private JsonNode accepted(Session<R, A> session, JsonNode request) throws Exception {
    switch (request.get("do").asText()) {
      case "registration options" -> {
        return registrationOptions(session, request);
      }
      case "authentication options" -> {
        return authenticationOptions(session, request);
      }
      case "registration result" -> registrationResult(session, reply(request));
      case "authentication result" -> authenticationResult(session, reply(request));
      default -> throw new IllegalArgumentException("there is no request " + request.get("do"));
    }
    return JsonNodeFactory.instance.objectNode();
  }

  private static String reply(JsonNode request) throws Refused {
    if (!request.path("reply").isObject()) {
      throw new Refused("the reply is not a JSON object");
    }
    return request.get("reply").toString();
  }

  private static String describe(Throwable error) {
    String text = error.getClass().getSimpleName() + ": " + wordsOf(error);
    Throwable cause = error.getCause();
    return cause == null || text.contains(wordsOf(cause)) ? text : text + " (" + describe(cause) + ")";
  }

  /** The message, without the bytes of the reply and their places, which are others in every run. */
  private static String wordsOf(Throwable error) {
    String message = String.valueOf(error.getMessage());
    return message.lines().findFirst().orElse("").replaceAll("[0-9A-Za-z+/=_-]{40,}", "…");
  }
}
