package dev.stuntkey;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What came of a ceremony: what to send to the server, and what is in it. */
public sealed interface Reply permits RegistrationResponse, AuthenticationResponse {
  /**
   * The standard's {@code RegistrationResponseJSON} or {@code AuthenticationResponseJSON}.
   *
   * @return a JSON object
   */
  String json();

  /**
   * The body of the request to the server, in the shape that goes with the options. Where the
   * options have the standard's shape, it is that of {@link #json()}.
   *
   * @return the body, to post as it is
   */
  String body();

  /**
   * The media type of the body.
   *
   * @return such as {@code application/json}
   */
  String contentType();

  /**
   * The shape of the body.
   *
   * @return its name: {@code l3} is the standard's
   */
  String preset();

  /**
   * What was mended or ignored in the options.
   *
   * @return a notice for each
   */
  List<Notice> notices();

  /**
   * Members that the shape requires, and that nobody gave.
   *
   * @return their names
   */
  List<String> missing();

  /**
   * The credential id.
   *
   * @return base64url without padding
   */
  default String id() {
    return ReplyParts.text(json(), "id").orElseThrow();
  }

  /**
   * The credential id.
   *
   * @return bytes
   */
  default byte[] rawId() {
    return ReplyParts.bytes(json(), "rawId").orElseThrow();
  }

  /**
   * The client data.
   *
   * @return JSON in UTF-8
   */
  default byte[] clientDataJson() {
    return ReplyParts.bytes(json(), "response", "clientDataJSON").orElseThrow();
  }

  /**
   * The authenticator data.
   *
   * @return bytes
   */
  default byte[] authenticatorData() {
    return ReplyParts.bytes(json(), "response", "authenticatorData").orElseThrow();
  }

  /**
   * How the authenticator is attached.
   *
   * @return {@code platform} or {@code cross-platform}
   */
  default Optional<String> authenticatorAttachment() {
    return ReplyParts.text(json(), "authenticatorAttachment");
  }

  /**
   * What the client says of extensions.
   *
   * @return a map with lists, maps, texts, numbers and truth values in it
   */
  default Map<String, Object> clientExtensionResults() {
    return Json.map(Json.parse(json()).getAsJsonObject().get("clientExtensionResults"));
  }
}
