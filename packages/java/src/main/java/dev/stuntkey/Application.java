package dev.stuntkey;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An application that {@link Conform} tests, in process: it takes a request of HTTP and gives the
 * response.
 *
 * <p>It is called by the thread that plays the cases, with one request after the other.
 */
@FunctionalInterface
public interface Application {
  /**
   * Answers a request.
   *
   * @param request the request
   * @return the response
   * @throws Exception what a server would turn into a breakdown: the case goes on with it as one
   */
  Response answer(Request request) throws Exception;

  /**
   * A request to the application.
   *
   * @param number its number in the run, from 1 on
   * @param session the browser that it comes from, whose cookies are among the headers
   * @param action what it is for, such as {@code registration options}
   * @param method the method
   * @param url the whole URL
   * @param pathAndQuery the path of the URL, with the query if there is one
   * @param headers names in lower case, and their values
   * @param body the body; empty, if there is none
   */
  record Request(
      long number,
      long session,
      String action,
      String method,
      String url,
      String pathAndQuery,
      Map<String, List<String>> headers,
      String body) {
    /**
     * The first value of a header.
     *
     * @param name in upper or lower case
     * @return the value, if there is one
     */
    public Optional<String> header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream().findFirst();
    }

    /**
     * The cookies that the browser sends.
     *
     * @return names and values
     */
    public Map<String, String> cookies() {
      Map<String, String> cookies = new TreeMap<>();
      for (String header : headers.getOrDefault("cookie", List.of())) {
        for (String cookie : header.split("; *")) {
          int equals = cookie.indexOf('=');
          if (equals > 0) {
            cookies.put(cookie.substring(0, equals), cookie.substring(equals + 1));
          }
        }
      }
      return cookies;
    }
  }

  /**
   * A response of the application.
   *
   * @param status the status
   * @param headers names and values, with {@code Set-Cookie} among them
   * @param body the body; empty, if there is none
   */
  record Response(int status, Map<String, List<String>> headers, String body) {
    /**
     * A response is whole: it has headers and a body, though they may be empty.
     *
     * @param status the status
     * @param headers names and values
     * @param body the body
     */
    public Response {
      Objects.requireNonNull(headers, "the headers of a response");
      Objects.requireNonNull(body, "the body of a response");
    }

    /**
     * A response in JSON.
     *
     * @param status the status
     * @param body JSON
     * @return the response
     */
    public static Response json(int status, String body) {
      return new Response(status, Map.of("content-type", List.of("application/json")), body);
    }
  }
}
