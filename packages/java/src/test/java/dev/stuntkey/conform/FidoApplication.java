package dev.stuntkey.conform;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.stuntkey.Application;
import dev.stuntkey.AttestationRoot;
import dev.stuntkey.CredentialRecord;
import dev.stuntkey.StuntkeyException;
import dev.stuntkey.Verifier;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An application in the FIDO conformance form, on the verifier of this package. */
public class FidoApplication implements Application {
  static final String ORIGIN = "https://login.example.com";

  private static final Gson GSON = new Gson();
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Verifier verifier =
      Verifier.at(ORIGIN).rpId("example.com").trust(AttestationRoot.ofTests());
  private final Map<String, String> userHandles = new LinkedHashMap<>();
  private final Map<String, CredentialRecord> credentials = new LinkedHashMap<>();
  private final Map<String, String> pending = new LinkedHashMap<>();

  @Override
  public Response answer(Request request) throws Exception {
    String session = request.cookies().getOrDefault("session", random());
    try {
      JsonObject body = object(request.body());
      return switch (request.pathAndQuery()) {
        case "/attestation/options" -> begin(session, creation(body));
        case "/assertion/options" -> begin(session, request(body));
        case "/attestation/result" -> {
          register(taken(session, "user"), request.body());
          yield Response.json(200, "{\"status\": \"ok\"}");
        }
        case "/assertion/result" -> {
          logIn(taken(session, "rpId"), request.body());
          yield Response.json(200, "{\"status\": \"ok\"}");
        }
        default -> Response.json(404, "{\"status\": \"failed\"}");
      };
    } catch (StuntkeyException | IllegalArgumentException refusal) {
      JsonObject failed = new JsonObject();
      failed.addProperty("status", "failed");
      failed.addProperty("errorMessage", refusal.getMessage());
      return Response.json(400, failed.toString());
    }
  }

  /** What a flaw changes: which options the response is verified against. */
  protected String expected(String options, String response) {
    return options;
  }

  private JsonObject creation(JsonObject body) {
    String name = body.get("username").getAsString();
    String handle = userHandles.computeIfAbsent(name, unknown -> random());
    JsonObject options = new JsonObject();
    options.add("rp", object("{\"id\": \"example.com\", \"name\": \"Example\"}"));
    JsonObject user = new JsonObject();
    user.addProperty("id", handle);
    user.addProperty("name", name);
    user.add("displayName", body.get("displayName"));
    options.add("user", user);
    options.add(
        "pubKeyCredParams",
        JsonParser.parseString(
            "[{\"type\": \"public-key\", \"alg\": -7}, {\"type\": \"public-key\", \"alg\": -8},"
                + " {\"type\": \"public-key\", \"alg\": -257}]"));
    for (String member : List.of("authenticatorSelection", "attestation", "extensions")) {
      options.add(member, body.get(member));
    }
    options.add("excludeCredentials", descriptors(handle));
    return options;
  }

  private JsonObject request(JsonObject body) {
    JsonObject options = new JsonObject();
    options.addProperty("rpId", "example.com");
    options.add("userVerification", body.get("userVerification"));
    String handle = userHandles.get(body.get("username").getAsString());
    options.add("allowCredentials", handle == null ? new JsonArray() : descriptors(handle));
    return options;
  }

  private Response begin(String session, JsonObject options) {
    options.addProperty("challenge", random());
    pending.put(session, options.toString());
    options.addProperty("status", "ok");
    return new Response(
        200,
        Map.of(
            "content-type", List.of("application/json"),
            "set-cookie", List.of("session=" + session + "; Path=/; Secure; HttpOnly")),
        options.toString());
  }

  private String taken(String session, String member) {
    String options = pending.remove(session);
    if (options == null || !object(options).has(member)) {
      throw new IllegalArgumentException("no such ceremony was begun");
    }
    return options;
  }

  private void register(String options, String response) {
    CredentialRecord stored =
        verifier
            .registered(credentials.values().toArray(CredentialRecord[]::new))
            .verifyRegistration(expected(options, response), response)
            .credential();
    String handle = object(options).getAsJsonObject("user").get("id").getAsString();
    credentials.put(stored.id(), stored.withUserHandle(handle));
  }

  private void logIn(String options, String response) {
    CredentialRecord stored =
        verifier.verifyAuthentication(
            expected(options, response),
            response,
            credentials.values().toArray(CredentialRecord[]::new));
    Optional<String> handle =
        Optional.ofNullable(credentials.get(stored.id())).flatMap(CredentialRecord::userHandle);
    credentials.put(stored.id(), handle.map(stored::withUserHandle).orElse(stored));
  }

  private JsonArray descriptors(String handle) {
    JsonArray descriptors = new JsonArray();
    for (CredentialRecord credential : credentials.values()) {
      if (credential.userHandle().equals(Optional.of(handle))) {
        JsonObject descriptor = object("{\"type\": \"public-key\"}");
        descriptor.addProperty("id", credential.id());
        descriptors.add(descriptor);
      }
    }
    return descriptors;
  }

  static JsonObject object(String text) {
    try {
      JsonObject object = GSON.fromJson(text, JsonObject.class);
      return object == null ? new JsonObject() : object;
    } catch (RuntimeException notJson) {
      throw new IllegalArgumentException("the body is no JSON object", notJson);
    }
  }

  private static String random() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** It takes the challenge that comes back for the one that it sent. */
  static final class WithoutChallenge extends FidoApplication {
    @Override
    protected String expected(String options, String response) {
      try {
        String clientData =
            object(response).getAsJsonObject("response").get("clientDataJSON").getAsString();
        JsonObject told = object(new String(Base64.getUrlDecoder().decode(clientData)));
        JsonObject changed = object(options);
        changed.add("challenge", told.get("challenge"));
        return changed.toString();
      } catch (RuntimeException unreadable) {
        return options;
      }
    }
  }
}
