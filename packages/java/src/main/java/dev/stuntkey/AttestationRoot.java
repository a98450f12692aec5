package dev.stuntkey;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/**
 * The certificate that a server has to trust, so that attestation is trusted.
 *
 * @param pem the certificate
 */
public record AttestationRoot(String pem) {
  /**
   * The test root, in which attestation ends without a seed. It ships with stuntkey, private key
   * and all, so never trust it outside tests.
   *
   * @return the test root
   */
  public static AttestationRoot ofTests() {
    return new Request("attestation.root").send(Doors.any(), AttestationRoot.class);
  }

  /**
   * The root that follows from a seed.
   *
   * @param seed the seed of authenticators
   * @return their root
   */
  public static AttestationRoot ofSeed(String seed) {
    return new Request("attestation.root")
        .with("seed", seed)
        .send(Doors.any(), AttestationRoot.class);
  }

  /**
   * The certificate as Java has it.
   *
   * @return the certificate
   */
  public X509Certificate certificate() {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    } catch (CertificateException error) {
      throw new IllegalStateException(error);
    }
  }
}
