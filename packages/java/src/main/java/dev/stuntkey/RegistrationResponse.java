package dev.stuntkey;

import com.google.gson.JsonElement;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * What came of a registration.
 *
 * @param json the standard's {@code RegistrationResponseJSON}
 * @param body the body of the request to the server, to post as it is
 * @param contentType the media type of the body
 * @param preset the shape of the body
 * @param notices what was mended or ignored in the options
 * @param missing members that the shape requires, and that nobody gave
 */
public record RegistrationResponse(
    String json,
    String body,
    String contentType,
    String preset,
    List<Notice> notices,
    List<String> missing)
    implements Reply {

  RegistrationResponse(ReplyParts parts) {
    this(
        parts.response().toString(),
        parts.body(),
        parts.contentType(),
        parts.preset(),
        parts.notices(),
        parts.missing());
  }

  /**
   * The attestation object.
   *
   * @return CBOR
   */
  public byte[] attestationObject() {
    return ReplyParts.bytes(json, "response", "attestationObject").orElseThrow();
  }

  /**
   * The public key of the credential.
   *
   * @return a SubjectPublicKeyInfo, where browsers know one for the algorithm
   */
  public Optional<byte[]> publicKey() {
    return ReplyParts.bytes(json, "response", "publicKey");
  }

  /**
   * The algorithm of the credential.
   *
   * @return a COSE algorithm identifier, such as -7 for ES256
   */
  public long publicKeyAlgorithm() {
    return ReplyParts.text(json, "response", "publicKeyAlgorithm").map(Long::valueOf).orElseThrow();
  }

  /**
   * How clients reach the authenticator.
   *
   * @return such as {@code internal} or {@code usb}
   */
  public List<String> transports() {
    JsonElement transports =
        Json.parse(json).getAsJsonObject().getAsJsonObject("response").get("transports");
    return transports == null
        ? List.of()
        : StreamSupport.stream(transports.getAsJsonArray().spliterator(), false)
            .map(JsonElement::getAsString)
            .toList();
  }
}
