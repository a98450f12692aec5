package dev.stuntkey;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The catalogue of faults.
 *
 * <pre>{@code
 * @ParameterizedTest
 * @MethodSource("dev.stuntkey.Faults#ofAuthentications")
 * void refuses(Fault fault) { … }
 * }</pre>
 */
public final class Faults {
  private Faults() {}

  /**
   * The faults that a ceremony can have.
   *
   * @param ceremony the ceremony
   * @return its faults
   */
  public static Stream<Fault> of(Ceremony ceremony) {
    return list(new Request("faults").with("ceremony", ceremony.word())).stream();
  }

  /**
   * The faults that a registration can have.
   *
   * @return its faults
   */
  public static Stream<Fault> ofRegistrations() {
    return of(Ceremony.REGISTRATION);
  }

  /**
   * The faults that an authentication can have.
   *
   * @return its faults
   */
  public static Stream<Fault> ofAuthentications() {
    return of(Ceremony.AUTHENTICATION);
  }

  /**
   * The faults of a chapter, such as {@code client-data/origin}.
   *
   * @param chapter how the ids begin
   * @return the faults
   */
  public static Stream<Fault> under(String chapter) {
    return list(new Request("faults").with("id", chapter)).stream();
  }

  /**
   * The fault of an id.
   *
   * @param id such as {@code client-data/origin/subdomain}
   * @return the fault
   * @throws StuntkeyException if there is no such fault
   */
  public static Fault byId(String id) {
    return under(id)
        .filter(fault -> fault.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new StuntkeyException(
                    new StuntkeyException.Parts(
                        "FaultError",
                        "$.fault: found \"" + id + "\", expected the id of a fault",
                        Optional.of("$.fault"),
                        Optional.of(near(id)))));
  }

  private static String near(String id) {
    List<String> related = under(id.split("/")[0]).map(Fault::id).limit(12).toList();
    String all =
        "Faults.of(Ceremony.REGISTRATION) and Faults.of(Ceremony.AUTHENTICATION) have them all";
    return related.isEmpty() ? all : all + ", such as " + String.join(", ", related);
  }

  private static List<Fault> list(Request request) {
    return request.send(Doors.any(), Json.listOf(Fault.class));
  }
}
