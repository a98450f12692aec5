package example;

import static org.springframework.security.config.Customizer.withDefaults;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Spring Security's passkeys as its reference sets them up, and a sign-up, which Spring leaves to applications. */
@SpringBootApplication
@RestController
public class Application {

    private final InMemoryUserDetailsManager users = new InMemoryUserDetailsManager();

    public static void main(String[] arguments) {
        SpringApplication.run(Application.class, arguments);
    }

    @Bean
    SecurityFilterChain security(HttpSecurity http, @Value("${server.port}") int port) throws Exception {
        return http.authorizeHttpRequests(
                        requests -> requests.requestMatchers("/sign-up").permitAll().anyRequest().authenticated())
                .formLogin(withDefaults())
                .webAuthn(passkeys -> passkeys.rpName("stuntkey")
                        .rpId("localhost")
                        .allowedOrigins("http://localhost:" + port))
                .build();
    }

    @Bean
    InMemoryUserDetailsManager users() {
        return users;
    }

    @PostMapping("/sign-up")
    synchronized ResponseEntity<Void> signUp(@RequestParam String username, @RequestParam String password) {
        if (users.userExists(username)) {
            return ResponseEntity.status(HttpStatus.CONFLICT).build();
        }
        users.createUser(User.withUsername(username).password("{noop}" + password).roles("USER").build());
        return ResponseEntity.noContent().build();
    }
}
