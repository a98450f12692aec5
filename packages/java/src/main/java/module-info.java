/** A FIDO2 authenticator in software, and the browser around it, for tests of passkeys. */
module dev.stuntkey {
  requires com.dylibso.chicory.runtime;
  requires com.dylibso.chicory.wasm;
  requires com.google.gson;
  // Only where there is JUnit. So nothing is provided to it here: a class path has
  // META-INF/services.
  requires static org.junit.jupiter.api;

  exports dev.stuntkey;
  exports dev.stuntkey.junit;

  opens dev.stuntkey to
      com.google.gson;
  opens dev.stuntkey.junit;
}
