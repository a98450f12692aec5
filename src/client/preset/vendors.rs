//! One entry a vendor.

use super::Writer::Json;
use super::{Carried, Vendor, keycloak};
use crate::encoding::json::{ObjectWriter, texts, write_object};
use crate::webauthn::{AuthenticationResponse, JsonForm, RegistrationResponse};

/// Every vendor. More specific shapes stand first; the standard, which every body fits, stands last.
pub(super) static VENDORS: &[Vendor] = &[
    // Nevis Authentication Cloud.
    Vendor {
        name: "nevis",
        recognise: |place| {
            place.is_under("credentialCreationOptions")
                || place.is_under("credentialRequestOptions") && place.is_beside("statusToken")
        },
        registration: Json(|response, carried, object| {
            object.text("type", "public-key");
            object.base64url("id", &response.id);
            object.object("response", |object| bare_registration(response, object));
            carried.required(object, "statusToken");
            carried.optional(object, "userFriendlyName");
            carried.optional(object, "userAgent");
        }),
        authentication: Json(|response, carried, object| {
            object.text("type", "public-key");
            object.base64url("id", &response.id);
            object.object("response", |object| {
                bare_authentication(response, object);
                // The service insists on a user handle, which a server-side credential does not give.
                if response.user_handle.is_none() {
                    carried.required(object, "userHandle");
                }
            });
            carried.required(object, "statusToken");
            carried.optional(object, "userAgent");
        }),
        ..STANDARD
    },
    // The FIDO conformance REST binding.
    Vendor {
        name: "fido",
        recognise: |place| {
            place.value.member("errorMessage").is_some() || place.value.member("status").is_some()
        },
        registration: Json(|response, carried, object| {
            fido(&response.id, carried, object, |object| bare_registration(response, object));
        }),
        authentication: Json(|response, carried, object| {
            fido(&response.id, carried, object, |object| bare_authentication(response, object));
        }),
        ..STANDARD
    },
    // Okta's Authentication API.
    Vendor {
        name: "okta",
        recognise: |place| {
            place.is_under("_embedded") && (place.is_under("activation") || place.is_under("challenge"))
                || place.is_under("activationData")
                || place.is_under("challengeData")
        },
        registration: Json(|response, _, object| {
            object.base64url("attestation", &response.attestation_object);
            object.base64url("clientData", &response.client_data_json);
        }),
        authentication: Json(okta_authentication),
        ..STANDARD
    },
    // Okta's MyAccount API: never recognised by its input, which is the same.
    Vendor {
        name: "okta-myaccount",
        recognise: |_| false,
        registration: Json(|response, _, object| {
            object.base64url("attestation", &response.attestation_object);
            object.base64url("clientData", &response.client_data_json);
            object.text("transports", &texts(response.sorted_transports()));
            let results = write_object(32, |results| response.write_client_extension_results(results));
            object.text("clientExtensions", &results);
        }),
        authentication: Json(okta_authentication),
        ..STANDARD
    },
    // Amazon Cognito.
    Vendor {
        name: "cognito",
        recognise: |place| {
            place.is_under("CredentialCreationOptions") || place.is_under("CREDENTIAL_REQUEST_OPTIONS")
        },
        registration: Json(|response, carried, object| {
            carried.required(object, "AccessToken");
            object.object("Credential", |object| response.write(object));
        }),
        authentication: Json(|response, carried, object| {
            object.text("ChallengeName", "WEB_AUTHN");
            carried.required(object, "ClientId");
            carried.optional(object, "Session");
            object.object("ChallengeResponses", |object| {
                carried.required(object, "USERNAME");
                object.text("CREDENTIAL", &authentication_text(response));
            });
        }),
        ..STANDARD
    },
    // Microsoft Graph.
    Vendor {
        name: "graph",
        recognise: |place| place.is_beside("challengeTimeoutDateTime"),
        registration: Json(|response, carried, object| {
            object.text("displayName", carried.label("displayName"));
            object.object("publicKeyCredential", |object| {
                object.base64url("id", &response.id);
                object.object("response", |object| bare_registration(response, object));
                object.object("clientExtensionResults", |object| {
                    response.write_client_extension_results(object)
                });
            });
        }),
        authentication: Json(standard_authentication),
        ..STANDARD
    },
    Vendor {
        name: "authsignal",
        recognise: |place| place.is_under("options") && place.is_beside("challengeId"),
        registration: Json(|response, carried, object| {
            carried.required(object, "challengeId");
            object.object("registrationCredential", |object| response.write(object));
        }),
        authentication: Json(|response, carried, object| {
            carried.required(object, "challengeId");
            object.object("authenticationCredential", |object| response.write(object));
        }),
        ..STANDARD
    },
    Vendor {
        name: "corbado",
        recognise: |place| place.is_under("attestationOptions") || place.is_under("assertionOptions"),
        registration: Json(|response, _, object| {
            object.text("attestationResponse", &registration_text(response));
        }),
        authentication: Json(|response, _, object| {
            object.text("assertionResponse", &authentication_text(response));
        }),
        ..STANDARD
    },
    Vendor {
        name: "supabase",
        recognise: |place| place.is_under("options") && place.is_beside("challenge_id"),
        registration: Json(|response, carried, object| {
            response.write(object);
            carried.required(object, "challenge_id");
        }),
        authentication: Json(|response, carried, object| {
            response.write(object);
            carried.required(object, "challenge_id");
        }),
        ..STANDARD
    },
    Vendor {
        name: "auth0",
        recognise: |place| place.is_under("authn_params_public_key"),
        registration: Json(|response, carried, object| {
            carried.required(object, "auth_session");
            object.object("authn_response", |object| response.write(object));
        }),
        authentication: Json(|response, carried, object| {
            carried.required(object, "auth_session");
            object.object("authn_response", |object| response.write(object));
        }),
        ..STANDARD
    },
    Vendor {
        name: "stytch",
        recognise: |place| {
            place.is_under("public_key_credential_creation_options")
                || place.is_under("public_key_credential_request_options")
        },
        registration: Json(|response, carried, object| {
            carried.optional(object, "user_id");
            object.text("public_key_credential", &registration_text(response));
        }),
        authentication: Json(|response, _, object| {
            object.text("public_key_credential", &authentication_text(response));
        }),
        ..STANDARD
    },
    keycloak::ENTRY,
    // Spring Security: its bare options look like the standard's.
    Vendor {
        name: "spring",
        recognise: |_| false,
        registration: Json(|response, carried, object| {
            object.object("publicKey", |object| {
                object.object("credential", |object| response.write(object));
                object.text("label", carried.label("label"));
            });
        }),
        authentication: Json(standard_authentication),
        ..STANDARD
    },
    Vendor {
        name: "hanko",
        recognise: |place| {
            let selection = place.value.member("authenticatorSelection");
            selection.is_some_and(|selection| selection.member("authenticatorAttachement").is_some())
        },
        registration: Json(standard_registration),
        authentication: Json(standard_authentication),
        ..STANDARD
    },
    STANDARD,
];

/// WebAuthn Level 3 itself.
pub(super) const STANDARD: Vendor = Vendor {
    name: "l3",
    recognise: |_| true,
    page: None,
    options: None,
    registration: Json(standard_registration),
    authentication: Json(standard_authentication),
};

fn standard_registration(
    response: &RegistrationResponse,
    _: &mut Carried<'_>,
    object: &mut ObjectWriter<'_>,
) {
    response.write(object);
}

fn standard_authentication(
    response: &AuthenticationResponse,
    _: &mut Carried<'_>,
    object: &mut ObjectWriter<'_>,
) {
    response.write(object);
}

/// The standard's JSON as a text, for those who want it in a string.
fn registration_text(response: &RegistrationResponse) -> String {
    write_object(2048, |object| response.write(object))
}

fn authentication_text(response: &AuthenticationResponse) -> String {
    write_object(1024, |object| response.write(object))
}

/// The two members of `response` that Level 1 knew.
fn bare_registration(response: &RegistrationResponse, object: &mut ObjectWriter<'_>) {
    object.base64url("attestationObject", &response.attestation_object);
    object.base64url("clientDataJSON", &response.client_data_json);
}

fn bare_authentication(response: &AuthenticationResponse, object: &mut ObjectWriter<'_>) {
    object.base64url("authenticatorData", &response.authenticator_data);
    object.base64url("clientDataJSON", &response.client_data_json);
    object.base64url("signature", &response.signature);
    if let Some(handle) = &response.user_handle {
        object.base64url("userHandle", handle);
    }
}

/// nevisFIDO, which speaks this binding, wants its `fido2SessionId` back.
fn fido(
    credential_id: &[u8],
    carried: &Carried<'_>,
    object: &mut ObjectWriter<'_>,
    response: impl FnOnce(&mut ObjectWriter<'_>),
) {
    object.base64url("id", credential_id);
    object.text("type", "public-key");
    object.object("response", response);
    object.object("getClientExtensionResults", |_| {});
    carried.optional(object, "fido2SessionId");
}

fn okta_authentication(
    response: &AuthenticationResponse,
    _: &mut Carried<'_>,
    object: &mut ObjectWriter<'_>,
) {
    object.base64url("authenticatorData", &response.authenticator_data);
    object.base64url("clientData", &response.client_data_json);
    object.base64url("signatureData", &response.signature);
}
