package dev.stuntkey;

import java.util.List;

/**
 * What this build of stuntkey is.
 *
 * @param version its version
 * @param algorithms the algorithms that authenticators can sign with
 * @param presets the shapes of replies
 */
public record Build(String version, List<String> algorithms, List<String> presets) {
  /**
   * Says what this build is.
   *
   * @return this build
   */
  public static Build current() {
    return new Request("version").send(Doors.any(), Build.class);
  }
}
