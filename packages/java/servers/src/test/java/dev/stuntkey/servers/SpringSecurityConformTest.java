package dev.stuntkey.servers;

import static org.springframework.security.config.Customizer.withDefaults;

import dev.stuntkey.Conform;
import dev.stuntkey.junit.ConformTests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * A part of the suite against Spring Security's passkeys, in process, beside what is known of them.
 * All of it takes minutes.
 */
@SpringBootTest(classes = SpringSecurityConformTest.SignUp.class)
@AutoConfigureMockMvc
class SpringSecurityConformTest {
  private static final String ORIGIN = "https://login.example.com";

  @SpringBootApplication
  @RestController
  static class SignUp {
    private final InMemoryUserDetailsManager users = new InMemoryUserDetailsManager();

    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
      return http.authorizeHttpRequests(
              requests ->
                  requests.requestMatchers("/sign-up").permitAll().anyRequest().authenticated())
          .formLogin(withDefaults())
          .webAuthn(
              passkeys -> passkeys.rpName("Example").rpId("example.com").allowedOrigins(ORIGIN))
          .build();
    }

    @Bean
    InMemoryUserDetailsManager users() {
      return users;
    }

    @PostMapping("/sign-up")
    ResponseEntity<Void> signUp(@RequestParam String username, @RequestParam String password) {
      if (users.userExists(username)) {
        return ResponseEntity.status(HttpStatus.CONFLICT).build();
      }
      users.createUser(
          User.withUsername(username).password("{noop}" + password).roles("USER").build());
      return ResponseEntity.noContent().build();
    }
  }

  @Autowired private MockMvc mvc;

  @TestFactory
  Stream<DynamicTest> springSecurityDoesWhatIsKnownOfIt() throws Exception {
    Path known = Path.of("..", "..", "..", "interop", "products", "expect", "spring-security.toml");
    return ConformTests.of(
        Conform.of(new MockMvcApplication(mvc), ORIGIN)
            .description("spring-security")
            .expectations(Files.readString(known))
            .only("registration/client-data", "authentication/client-data", "authentication/user"));
  }
}
