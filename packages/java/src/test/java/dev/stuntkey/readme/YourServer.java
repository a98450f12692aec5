package dev.stuntkey.readme;

import dev.stuntkey.Application;
import dev.stuntkey.conform.FidoApplication;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** The server of whoever reads the first page. */
public final class YourServer {
  /** The one of the snippet. */
  public static final YourServer yourServer = new YourServer();

  private final FidoApplication application = new FidoApplication();

  private YourServer() {}

  /** Answers a request, as frameworks let tests ask their applications. */
  public Application.Response handle(
      String method, String url, Map<String, List<String>> headers, String body) throws Exception {
    String path = URI.create(url).getPath();
    return application.answer(new Application.Request(1, 1, "", method, url, path, headers, body));
  }
}
