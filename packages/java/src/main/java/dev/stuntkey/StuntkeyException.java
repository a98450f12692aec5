package dev.stuntkey;

import java.util.Optional;

/**
 * Why there is no answer: a ceremony that a browser would refuse, or something that cannot be done.
 *
 * <p>The message has all of it: name, what is wrong, and what to do next where that is known.
 */
public class StuntkeyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The name of the DOMException, or one of stuntkey's own. */
  private final String name;

  /** What is wrong. */
  private final String detail;

  /** Where, or null. */
  private final String path;

  /** What to do next, or null. */
  private final String hint;

  /** An error as the door says it. */
  record Parts(String name, String message, Optional<String> path, Optional<String> hint) {}

  StuntkeyException(Parts parts) {
    this(parts, null);
  }

  StuntkeyException(Parts parts, Throwable cause) {
    super(
        parts.name()
            + ": "
            + parts.message()
            + parts.hint().map(hint -> "\n  hint: " + hint).orElse(""),
        cause);
    name = parts.name();
    detail = parts.message();
    path = parts.path().orElse(null);
    hint = parts.hint().orElse(null);
  }

  static StuntkeyException broken(Throwable cause) {
    return new StuntkeyException(
        new Parts(
            "InternalError",
            "stuntkey broke off, and what was made with this authenticator is lost",
            Optional.empty(),
            Optional.of(
                "this is a mistake of stuntkey's: please report it, with the options that led to it")),
        cause);
  }

  /**
   * The name of the DOMException that a browser raises, such as {@code NotAllowedError}, or {@code
   * TypeError}, or a name of stuntkey's own, such as {@code FaultError}.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * What is wrong, without the name and the hint: what was found, and what was expected.
   *
   * @return a sentence without its full stop
   */
  public String detail() {
    return detail;
  }

  /**
   * Where it is wrong.
   *
   * @return a JSON path into the options or into what else was given
   */
  public Optional<String> path() {
    return Optional.ofNullable(path);
  }

  /**
   * What to do next.
   *
   * @return a sentence without its full stop
   */
  public Optional<String> hint() {
    return Optional.ofNullable(hint);
  }
}
