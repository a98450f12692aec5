package dev.stuntkey;

import com.google.gson.annotations.SerializedName;
import java.util.List;
import java.util.Optional;

/**
 * A setting that a model has.
 *
 * @param name its name, for {@link Model#set(String, Object)}
 * @param what what it is, in a sentence without its full stop
 * @param kind {@code flag}, {@code number}, {@code text} or {@code list}
 * @param values every value that it can have, each with what that means; empty where they are too
 *     many
 * @param defaultValue its text form in the default model, if it is set there
 */
public record ModelSetting(
    String name,
    String what,
    String kind,
    List<List<String>> values,
    @SerializedName("default") Optional<String> defaultValue) {}
