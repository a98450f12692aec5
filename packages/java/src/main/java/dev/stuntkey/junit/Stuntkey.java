package dev.stuntkey.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives tests an {@link dev.stuntkey.Authenticator} of their own as a parameter, or a {@link
 * dev.stuntkey.Page} of one, and closes it after the test.
 *
 * <p>On a class it is for all its tests, on a method for one test, on a parameter for that
 * parameter. The nearest one counts.
 *
 * <pre>{@code @Test void logsIn(@Stuntkey(model = "phone") Authenticator key) }</pre>
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.PARAMETER})
@ExtendWith(StuntkeyExtension.class)
// Whoever uses it has JUnit, and the others need no module of its.
@SuppressWarnings("exports")
public @interface Stuntkey {
  /**
   * The model of the authenticator.
   *
   * @return its name; empty: the default
   */
  String model() default "";

  /**
   * What keys, ids and signatures follow from.
   *
   * @return a seed; empty: they are random
   */
  String seed() default "";

  /**
   * The PIN that the user knows.
   *
   * @return the PIN; empty: none
   */
  String pin() default "";

  /**
   * The algorithms that the authenticator has.
   *
   * @return their names; empty: those of the model
   */
  String[] algorithms() default {};

  /**
   * The format of attestation statements.
   *
   * @return such as {@code tpm}; empty: that of the model
   */
  String attestationFormat() default "";

  /**
   * The origin of pages.
   *
   * @return such as {@code https://login.example.com}
   */
  String origin() default "";
}
