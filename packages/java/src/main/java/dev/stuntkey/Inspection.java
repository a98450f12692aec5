package dev.stuntkey;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * Something that WebAuthn and CTAP put on the wire, explained.
 *
 * @param kind what it is, such as {@code attestation object}; empty if it is nothing that is known
 * @param encoding how it was written, such as {@code base64url}
 * @param stop where and why reading stopped, if it did
 * @param tree what is in it
 */
public record Inspection(Optional<String> kind, String encoding, Optional<String> stop, Node tree) {
  /**
   * A part of it.
   *
   * @param name what it is called where it stands
   * @param value what it holds, as text; bytes in hexadecimal
   * @param meaning what that means
   * @param remarks what is worth knowing of it
   * @param odd what is strange, and is read all the same
   * @param stops why reading stopped here
   * @param children what it consists of
   */
  public record Node(
      String name,
      Optional<String> value,
      Optional<String> meaning,
      List<String> remarks,
      List<String> odd,
      List<String> stops,
      List<Node> children) {

    /**
     * The first part of this name, here or further down.
     *
     * @param name the name
     * @return the part
     */
    public Optional<Node> find(String name) {
      if (this.name.equals(name)) {
        return Optional.of(this);
      }
      return children.stream().flatMap(child -> child.find(name).stream()).findFirst();
    }

    private static Node of(JsonElement json) {
      JsonObject members = json.getAsJsonObject();
      return new Node(
          members.get("name").getAsString(),
          text(members, "value").or(() -> text(members, "text")).or(() -> text(members, "hex")),
          text(members, "meaning"),
          texts(members, "remarks"),
          texts(members, "odd"),
          texts(members, "stops"),
          members.has("children")
              ? members.getAsJsonArray("children").asList().stream().map(Node::of).toList()
              : List.of());
    }

    private static List<String> texts(JsonObject members, String name) {
      return members.has(name)
          ? members.getAsJsonArray(name).asList().stream().map(JsonElement::getAsString).toList()
          : List.of();
    }
  }

  /**
   * Explains a response, options, or text with base64url, base64, hexadecimal or PEM. Private keys
   * are not shown.
   *
   * @param input what to explain
   * @return what it is
   */
  public static Inspection of(String input) {
    JsonObject found =
        new Request("inspect").with("input", input).sendForJson(Doors.any()).getAsJsonObject();
    return new Inspection(
        text(found, "kind"),
        text(found, "encoding").orElse(""),
        text(found, "stop"),
        Node.of(found.get("tree")));
  }

  /**
   * Explains bytes.
   *
   * @param input what to explain
   * @return what it is
   */
  public static Inspection of(byte[] input) {
    return of(Json.base64url(input));
  }

  private static Optional<String> text(JsonObject members, String name) {
    JsonElement value = members.get(name);
    return value == null || value.isJsonNull()
        ? Optional.empty()
        : Optional.of(value.getAsString());
  }
}
