package dev.stuntkey;

import java.util.List;
import java.util.Optional;

/**
 * What came of a login.
 *
 * @param json the standard's {@code AuthenticationResponseJSON}
 * @param body the body of the request to the server, to post as it is
 * @param contentType the media type of the body
 * @param preset the shape of the body
 * @param notices what was mended or ignored in the options
 * @param missing members that the shape requires, and that nobody gave
 */
public record AuthenticationResponse(
    String json,
    String body,
    String contentType,
    String preset,
    List<Notice> notices,
    List<String> missing)
    implements Reply {

  AuthenticationResponse(ReplyParts parts) {
    this(
        parts.response().toString(),
        parts.body(),
        parts.contentType(),
        parts.preset(),
        parts.notices(),
        parts.missing());
  }

  /**
   * The assertion signature.
   *
   * @return bytes
   */
  public byte[] signature() {
    return ReplyParts.bytes(json, "response", "signature").orElseThrow();
  }

  /**
   * The user handle, by which a server finds the account of a discoverable credential.
   *
   * @return bytes, if the authenticator gave them
   */
  public Optional<byte[]> userHandle() {
    return ReplyParts.bytes(json, "response", "userHandle");
  }
}
