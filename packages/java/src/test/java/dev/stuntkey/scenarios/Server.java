package dev.stuntkey.scenarios;

import dev.stuntkey.Authenticator;
import dev.stuntkey.CredentialRecord;
import dev.stuntkey.Page;
import dev.stuntkey.Verifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a server sends and expects, in these tests. */
final class Server {
  static final String ORIGIN = "https://login.example.com";
  static final Verifier VERIFIER = Verifier.at(ORIGIN);

  private Server() {}

  /**
   * Creation options with these members in place of the usual ones, each written {@code "name":
   * value}.
   */
  static String creation(String... members) {
    return object(
        List.of(
            "\"rp\": {\"id\": \"example.com\", \"name\": \"Example\"}",
            "\"user\": {\"id\": \"YWRh\", \"name\": \"ada\", \"displayName\": \"Ada\"}",
            "\"challenge\": \"Y3JlYXRpb24gY2hhbGxlbmdl\"",
            "\"pubKeyCredParams\": [{\"type\": \"public-key\", \"alg\": -7}]",
            "\"attestation\": \"direct\"",
            "\"authenticatorSelection\": {\"residentKey\": \"preferred\"}"),
        members);
  }

  /** Request options with these members in place of the usual ones. */
  static String request(String... members) {
    return object(
        List.of("\"rpId\": \"example.com\"", "\"challenge\": \"cmVxdWVzdCBjaGFsbGVuZ2U\""),
        members);
  }

  static String allowing(String id) {
    return "\"allowCredentials\": [{\"type\": \"public-key\", \"id\": \"" + id + "\"}]";
  }

  static String algorithm(long identifier) {
    return "\"pubKeyCredParams\": [{\"type\": \"public-key\", \"alg\": " + identifier + "}]";
  }

  static String required(String userVerification) {
    return "\"userVerification\": \"" + userVerification + "\"";
  }

  private static String object(List<String> usual, String... members) {
    List<String> all = new ArrayList<>(usual);
    for (String member : members) {
      String name = member.substring(0, member.indexOf(':') + 1);
      all.removeIf(known -> known.startsWith(name));
      all.add(member);
    }
    return "{" + String.join(", ", all) + "}";
  }

  /** Registers a credential, and gives what the server stores. */
  static CredentialRecord register(Authenticator key) {
    return register(key.at(ORIGIN));
  }

  static CredentialRecord register(Page page) {
    return VERIFIER.verifyRegistration(creation(), page.create(creation())).credential();
  }

  static CredentialRecord logIn(Authenticator key, CredentialRecord... registered) {
    return VERIFIER.verifyAuthentication(request(), key.at(ORIGIN).get(request()), registered);
  }

  /** The COSE identifier of an algorithm. */
  static long identifier(String algorithm) {
    List<String> names =
        Arrays.asList(
            "ES256 -7",
            "ES384 -35",
            "ES512 -36",
            "ES256K -47",
            "EdDSA -8",
            "Ed448 -53",
            "RS256 -257",
            "RS384 -258",
            "RS512 -259",
            "PS256 -37",
            "PS384 -38",
            "PS512 -39",
            "RS1 -65535",
            "ML-DSA-44 -48",
            "ML-DSA-65 -49",
            "ML-DSA-87 -50");
    return names.stream()
        .map(name -> name.split(" "))
        .filter(name -> name[0].equals(algorithm))
        .mapToLong(name -> Long.parseLong(name[1]))
        .findFirst()
        .orElseThrow();
  }
}
