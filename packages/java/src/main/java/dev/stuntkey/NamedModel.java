package dev.stuntkey;

/**
 * A model that is ready to use.
 *
 * @param name its name, for {@link Model#named(String)}
 * @param what what it is, in a sentence without its full stop
 */
public record NamedModel(String name, String what) {}
