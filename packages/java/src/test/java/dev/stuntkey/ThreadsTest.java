package dev.stuntkey;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stuntkey.junit.Stuntkey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ThreadsTest {
  private static final Verifier VERIFIER = Verifier.at("https://a.example.com").rpId("example.com");

  private static String creation(int user) {
    return """
        {"rp": {"id": "example.com", "name": "Example"}, "challenge": "Y3JlYXRpb24gY2hhbGxlbmdl",
         "user": {"id": "AAA%d", "name": "user %d", "displayName": "User"},
         "authenticatorSelection": {"residentKey": "required"},
         "pubKeyCredParams": [{"type": "public-key", "alg": -7}]}
        """
        .formatted(user, user);
  }

  /** Carries these out on eight threads, and gives what they give. */
  private static <T> List<T> atOnce(List<? extends Callable<T>> tasks) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> task : threads.invokeAll(tasks)) {
        results.add(task.get());
      }
      return results;
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void oneKeyServesSeveralThreadsAndPages(@Stuntkey Authenticator key) throws Exception {
    List<Callable<String>> tasks = new ArrayList<>();
    for (int user = 0; user < 8; user++) {
      int number = user;
      // Every other page is at another origin, whose client data must not get into this one's.
      Page page = key.at(number % 2 == 0 ? "https://a.example.com" : "https://b.example.com");
      Verifier verifier = number % 2 == 0 ? VERIFIER : Verifier.at("https://b.example.com");
      tasks.add(
          () ->
              verifier
                  .verifyRegistration(creation(number), page.create(creation(number)))
                  .credential()
                  .id());
    }
    assertEquals(8, atOnce(tasks).stream().distinct().count());
    assertEquals(8, key.credentials().list().size());
  }

  @Test
  void severalKeysWorkAtOnce() throws Exception {
    List<Callable<Long>> tasks =
        IntStream.range(0, 16)
            .<Callable<Long>>mapToObj(number -> () -> logIns(number % 10))
            .toList();
    assertEquals(List.of(3L), atOnce(tasks).stream().distinct().toList());
  }

  private static long logIns(int user) {
    String request = "{\"rpId\": \"example.com\", \"challenge\": \"cmVxdWVzdCBjaGFsbGVuZ2U\"}";
    try (var key = Authenticator.create()) {
      Page page = key.at("https://a.example.com");
      CredentialRecord stored =
          VERIFIER.verifyRegistration(creation(user), page.create(creation(user))).credential();
      for (int login = 0; login < 3; login++) {
        stored = VERIFIER.verifyAuthentication(request, page.get(request), stored);
      }
      return stored.signCount();
    }
  }
}
