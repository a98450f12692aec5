package dev.stuntkey;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.lang.ref.Reference;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A request to a door, which is built member by member. */
final class Request {
  private final Map<String, Object> members = new LinkedHashMap<>();
  private final Object about;

  Request(String operation) {
    this(operation, null);
  }

  /** A request about something that must not be freed as garbage before the answer. */
  Request(String operation, Object about) {
    this.about = about;
    members.put("op", operation);
    // WebAssembly has no clock.
    members.put("now", System.currentTimeMillis());
  }

  /** Sets a member. What is null or absent is left out. */
  Request with(String name, Object value) {
    Object given = value instanceof Optional<?> optional ? optional.orElse(null) : value;
    if (given != null) {
      members.put(name, given);
    }
    return this;
  }

  Request withAll(Map<String, ?> further) {
    members.putAll(further);
    return this;
  }

  <T> T send(Door door, Type answer) {
    return Json.read(sendForJson(door), answer);
  }

  JsonElement sendForJson(Door door) {
    JsonObject answer;
    try {
      answer = Json.read(door.call(Json.write(members)), JsonObject.class);
    } finally {
      Reference.reachabilityFence(about);
    }
    JsonElement ok = answer.get("ok");
    if (ok == null) {
      throw new StuntkeyException(
          Json.<StuntkeyException.Parts>read(answer.get("error"), StuntkeyException.Parts.class));
    }
    return ok;
  }
}
