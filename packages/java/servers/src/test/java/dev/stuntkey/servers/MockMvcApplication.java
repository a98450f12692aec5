package dev.stuntkey.servers;

import dev.stuntkey.Application;
import jakarta.servlet.http.Cookie;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpMethod;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockMvcRequestBuilders;

/** An application of Spring in process. It has the cookie of sessions, as MockMvc has none. */
final class MockMvcApplication implements Application {
  private final MockMvc mvc;
  private final Map<String, MockHttpSession> sessions = new HashMap<>();

  MockMvcApplication(MockMvc mvc) {
    this.mvc = mvc;
  }

  @Override
  public Response answer(Request request) throws Exception {
    var url = URI.create(request.url());
    var sent = MockMvcRequestBuilders.request(HttpMethod.valueOf(request.method()), url);
    request.headers().forEach((name, values) -> sent.header(name, values.toArray()));
    request.cookies().forEach((name, value) -> sent.cookie(new Cookie(name, value)));
    MockHttpSession before = sessions.remove(request.cookies().getOrDefault("JSESSIONID", ""));
    String idBefore = before == null ? "" : before.getId();
    if (before != null) {
      sent.session(before);
    }
    var done = mvc.perform(sent.secure(true).content(request.body())).andReturn();
    var response = done.getResponse();
    Map<String, List<String>> headers = new HashMap<>();
    for (String name : response.getHeaderNames()) {
      headers.put(name, new ArrayList<>(response.getHeaders(name)));
    }
    if (done.getRequest().getSession(false) instanceof MockHttpSession session) {
      sessions.put(session.getId(), session);
      if (!session.getId().equals(idBefore)) {
        headers
            .computeIfAbsent("Set-Cookie", name -> new ArrayList<>())
            .add("JSESSIONID=" + session.getId() + "; Path=/; Secure; HttpOnly");
      }
    }
    return new Response(response.getStatus(), headers, response.getContentAsString());
  }
}
