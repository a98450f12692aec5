package dev.stuntkey.servers;

import static org.springframework.security.config.Customizer.withDefaults;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.user;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.stuntkey.Authenticator;
import dev.stuntkey.CeremonyOption;
import dev.stuntkey.Faults;
import dev.stuntkey.Page;
import dev.stuntkey.Reply;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Bean;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.ResultActions;

/** Spring Security's passkeys, in process. */
@SpringBootTest(classes = SpringSecurityTest.Application.class)
@AutoConfigureMockMvc
class SpringSecurityTest {
  private static final String ORIGIN = "https://login.example.com";

  @SpringBootApplication
  static class Application {
    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
      return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
          .formLogin(withDefaults())
          .webAuthn(
              passkeys -> passkeys.rpName("Example").rpId("example.com").allowedOrigins(ORIGIN))
          .build();
    }

    @Bean
    UserDetailsService users() {
      return new InMemoryUserDetailsManager(
          User.withUsername("ada").password("{noop}secret").roles("USER").build());
    }
  }

  private final MockHttpSession session = new MockHttpSession();
  private final Authenticator key =
      Authenticator.create(
          Authenticator.options().reply("spring").replyMembers(Map.of("label", "stuntkey")));
  private final Page page = key.at(ORIGIN);

  @Autowired private MockMvc mvc;

  @AfterEach
  void close() {
    key.close();
  }

  private String options(String path) throws Exception {
    return mvc.perform(post(path).with(csrf()).with(user("ada")).session(session))
        .andExpect(status().isOk())
        .andReturn()
        .getResponse()
        .getContentAsString();
  }

  private ResultActions send(String path, Reply reply) throws Exception {
    return mvc.perform(
        post(path)
            .with(csrf())
            .with(user("ada"))
            .session(session)
            .contentType(reply.contentType())
            .content(reply.body()));
  }

  private ResultActions register(CeremonyOption... with) throws Exception {
    return send("/webauthn/register", page.create(options("/webauthn/register/options"), with));
  }

  private ResultActions logIn(CeremonyOption... with) throws Exception {
    return send("/login/webauthn", page.get(options("/webauthn/authenticate/options"), with));
  }

  @Test
  void registersAndLogsIn() throws Exception {
    register().andExpect(status().isOk()).andExpect(jsonPath("$.success").value(true));
    logIn().andExpect(status().isOk()).andExpect(jsonPath("$.authenticated").value(true));
  }

  @Test
  void refusesFaults() throws Exception {
    register().andExpect(jsonPath("$.success").value(true));
    logIn(Faults.byId("client-data/origin/subdomain")).andExpect(status().is4xxClientError());
    logIn(Faults.byId("signature/value/corrupted")).andExpect(status().is4xxClientError());
    logIn().andExpect(jsonPath("$.authenticated").value(true));
  }
}
