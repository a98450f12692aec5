package dev.stuntkey;

/**
 * Something in the options that was mended or ignored.
 *
 * @param path where, as a JSON path
 * @param message what it was, and what became of it
 */
public record Notice(String path, String message) {}
