package dev.stuntkey.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stuntkey.Authenticator;
import dev.stuntkey.Page;
import dev.stuntkey.StuntkeyException;
import java.util.ServiceLoader;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Stuntkey(seed = "of the class", origin = "https://login.example.com")
@TestMethodOrder(OrderAnnotation.class)
@Execution(ExecutionMode.SAME_THREAD)
class StuntkeyExtensionTest {
  private static Authenticator before;

  @Test
  @Order(1)
  void givesEachParameterItsOwn(Authenticator one, Authenticator other, Page page) {
    assertNotSame(one, other);
    assertEquals("https://login.example.com", page.toString());
    before = one;
  }

  @Test
  @Order(2)
  void closesThemAfterTheTest() {
    assertEquals("HandleError", assertThrows(StuntkeyException.class, before::capabilities).name());
  }

  @Test
  @Stuntkey(seed = "of the method")
  void theNearestAnnotationCounts(
      Authenticator ofMethod, @Stuntkey(seed = "of the parameter") Authenticator ofParameter) {
    assertEquals(dev.stuntkey.AttestationRoot.ofSeed("of the method"), ofMethod.attestationRoot());
    assertEquals(
        dev.stuntkey.AttestationRoot.ofSeed("of the parameter"), ofParameter.attestationRoot());
  }

  @Test
  void isFoundAsAServiceToo() {
    assertTrue(
        ServiceLoader.load(Extension.class).stream()
            .anyMatch(provider -> provider.type() == StuntkeyExtension.class));
  }
}
