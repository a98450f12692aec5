package dev.stuntkey;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;

/** A reply as the door says it. */
record ReplyParts(
    JsonElement response,
    String body,
    String contentType,
    String preset,
    List<Notice> notices,
    List<String> missing) {

  /** The text at this place in a response. Faults can have removed it. */
  static Optional<String> text(String json, String... path) {
    JsonElement at = Json.parse(json);
    for (String member : path) {
      at = at instanceof JsonObject object ? object.get(member) : null;
    }
    return at == null || !at.isJsonPrimitive() ? Optional.empty() : Optional.of(at.getAsString());
  }

  static Optional<byte[]> bytes(String json, String... path) {
    return text(json, path).map(Json::bytes);
  }
}
