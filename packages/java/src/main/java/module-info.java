/** A FIDO2 authenticator in software, and the browser around it, for tests of passkeys. */
module dev.stuntkey {
  requires com.dylibso.chicory.runtime;
  requires com.dylibso.chicory.wasm;
  requires com.google.gson;
  requires static transitive org.junit.jupiter.api;

  exports dev.stuntkey;
  exports dev.stuntkey.junit;

  opens dev.stuntkey to
      com.google.gson;
  opens dev.stuntkey.junit;

  provides org.junit.jupiter.api.extension.Extension with
      dev.stuntkey.junit.StuntkeyExtension;
}
