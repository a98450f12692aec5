package dev.stuntkey;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.ToNumberPolicy;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.annotations.SerializedName;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** JSON as the door has it: bytes as base64url, and what is absent left out. */
final class Json {
  private static final Gson GSON =
      new GsonBuilder()
          .disableHtmlEscaping()
          // A null in options is the server's, and goes to the door as it is.
          .serializeNulls()
          .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
          .registerTypeAdapter(byte[].class, new Bytes())
          .registerTypeAdapter(Ceremony.class, new Ceremonies())
          .registerTypeAdapterFactory(new Optionals())
          .registerTypeAdapterFactory(new Records())
          .create();

  private Json() {}

  static String write(Object value) {
    return GSON.toJson(value);
  }

  static <T> T read(String text, Type type) {
    return GSON.fromJson(text, type);
  }

  static <T> T read(JsonElement json, Type type) {
    return GSON.fromJson(json, type);
  }

  /** JSON that somebody else wrote: that it is none is theirs to hear. */
  static JsonElement parse(String text) {
    return JsonParser.parseString(text);
  }

  static Map<String, Object> map(JsonElement json) {
    return read(json, new TypeToken<Map<String, Object>>() {}.getType());
  }

  static <T> Type listOf(Class<T> item) {
    return TypeToken.getParameterized(List.class, item).getType();
  }

  static String base64url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static byte[] bytes(String base64url) {
    return Base64.getUrlDecoder().decode(base64url);
  }

  private static final class Bytes extends TypeAdapter<byte[]> {
    @Override
    public void write(JsonWriter out, byte[] bytes) throws IOException {
      out.value(bytes == null ? null : base64url(bytes));
    }

    @Override
    public byte[] read(JsonReader in) throws IOException {
      return bytes(in.nextString());
    }
  }

  private static final class Ceremonies extends TypeAdapter<Ceremony> {
    @Override
    public void write(JsonWriter out, Ceremony ceremony) throws IOException {
      out.value(ceremony.word());
    }

    @Override
    public Ceremony read(JsonReader in) throws IOException {
      return Ceremony.valueOf(in.nextString().toUpperCase(Locale.ROOT));
    }
  }

  /** What the door leaves out of an object is empty in a record, and never null. */
  private static final class Records implements TypeAdapterFactory {
    @Override
    public <T> TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
      if (!type.getRawType().isRecord()) {
        return null;
      }
      return new RecordOf<>(gson.getDelegateAdapter(this, type), type.getRawType());
    }
  }

  private static final class RecordOf<T> extends TypeAdapter<T> {
    private final TypeAdapter<T> members;
    private final Class<?> type;

    private RecordOf(TypeAdapter<T> members, Class<?> type) {
      this.members = members;
      this.type = type;
    }

    @Override
    public void write(JsonWriter out, T value) throws IOException {
      members.write(out, value);
    }

    @Override
    public T read(JsonReader in) {
      JsonObject object = JsonParser.parseReader(in).getAsJsonObject();
      for (RecordComponent component : type.getRecordComponents()) {
        String name = nameOf(component);
        if (!object.has(name) && component.getType() == Optional.class) {
          object.add(name, JsonNull.INSTANCE);
        } else if (!object.has(name) && component.getType() == List.class) {
          object.add(name, new JsonArray());
        }
      }
      return members.fromJsonTree(object);
    }

    private static String nameOf(RecordComponent component) {
      SerializedName other = component.getAccessor().getAnnotation(SerializedName.class);
      return other == null ? component.getName() : other.value();
    }
  }

  private static final class Optionals implements TypeAdapterFactory {
    @Override
    @SuppressWarnings("unchecked")
    public <T> TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
      if (type.getRawType() != Optional.class) {
        return null;
      }
      Type item = ((ParameterizedType) type.getType()).getActualTypeArguments()[0];
      return (TypeAdapter<T>) new OptionalOf<>(gson.getAdapter(TypeToken.get(item)));
    }
  }

  private static final class OptionalOf<T> extends TypeAdapter<Optional<T>> {
    private final TypeAdapter<T> item;

    @SuppressWarnings("unchecked")
    private OptionalOf(TypeAdapter<?> item) {
      this.item = (TypeAdapter<T>) item;
    }

    @Override
    public void write(JsonWriter out, Optional<T> value) throws IOException {
      if (value != null && value.isPresent()) {
        item.write(out, value.get());
        return;
      }
      // The door takes no null for what is absent: the member's name goes, too.
      boolean nulls = out.getSerializeNulls();
      out.setSerializeNulls(false);
      out.nullValue();
      out.setSerializeNulls(nulls);
    }

    @Override
    public Optional<T> read(JsonReader in) throws IOException {
      if (in.peek() == JsonToken.NULL) {
        in.nextNull();
        return Optional.empty();
      }
      return Optional.of(item.read(in));
    }
  }
}
