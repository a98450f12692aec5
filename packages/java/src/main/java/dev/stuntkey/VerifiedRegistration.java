package dev.stuntkey;

/**
 * A registration that a relying party accepts.
 *
 * @param credential what to store
 * @param aaguid the authenticator's model
 * @param format the attestation statement format
 * @param attestation the type of attestation, in the standard's words
 */
public record VerifiedRegistration(
    CredentialRecord credential, String aaguid, String format, String attestation) {}
