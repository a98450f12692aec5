package peers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.webauthn4j.converter.util.JsonConverter;
import com.webauthn4j.converter.util.ObjectConverter;
import com.webauthn4j.data.PublicKeyCredentialCreationOptions;
import com.webauthn4j.data.PublicKeyCredentialRequestOptions;
import com.webauthn4j.data.client.Origin;
import com.webauthn4j.test.authenticator.webauthn.NoneAttestationAuthenticator;
import com.webauthn4j.test.authenticator.webauthn.PackedAuthenticator;
import com.webauthn4j.test.authenticator.webauthn.WebAuthnAuthenticatorAdaptor;
import com.webauthn4j.test.authenticator.webauthn.WebAuthnModelAuthenticator;
import com.webauthn4j.test.client.ClientPlatform;
import java.util.Map;

/** webauthn4j-test, which is an authenticator. How it attests depends on its class. */
final class Webauthn4jTest {

  private final JsonConverter json = new ObjectConverter().getJsonConverter();
  private final ClientPlatform client;
  private final String creation;
  private final String request;

  private Webauthn4jTest(JsonNode fixture, WebAuthnModelAuthenticator authenticator, String attestation)
      throws JsonProcessingException {
    Origin origin = new Origin(fixture.get("origin").asText());
    client = new ClientPlatform(origin, new WebAuthnAuthenticatorAdaptor(authenticator));
    // The library takes what is below `publicKey`.
    creation = publicKey(fixture, "creationOptions").replace("\"direct\"", "\"" + attestation + "\"");
    request = publicKey(fixture, "requestOptions");
  }

  static Map<String, Peer.Work> works(JsonNode fixture) throws Exception {
    Webauthn4jTest packed = new Webauthn4jTest(fixture, new PackedAuthenticator(), "direct");
    Webauthn4jTest none = new Webauthn4jTest(fixture, new NoneAttestationAuthenticator(), "none");
    none.register();
    return Map.of(
        "register packed x5c", new Peer.Making(packed::register, packed::register, packed::authenticate),
        "register none", new Peer.Making(none::register, none::register, none::authenticate),
        "authenticate", new Peer.Making(none::authenticate, none::register, none::authenticate));
  }

  private String register() {
    return json.writeValueAsString(client.create(json.readValue(creation, PublicKeyCredentialCreationOptions.class)));
  }

  private String authenticate() {
    return json.writeValueAsString(client.get(json.readValue(request, PublicKeyCredentialRequestOptions.class)));
  }

  private static String publicKey(JsonNode fixture, String options) throws JsonProcessingException {
    return Peer.JSON.readTree(fixture.get(options).asText()).get("publicKey").toString();
  }
}
