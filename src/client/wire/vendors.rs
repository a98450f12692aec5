//! One entry a vendor.

use super::{Body, BodyPlace, Carried, keycloak};
use crate::encoding::base64url::encode;
use crate::encoding::json::Json;
use crate::webauthn::{AuthenticationResponse, RegistrationResponse};

/// A vendor's bodies and replies.
pub(super) struct Vendor {
    pub(super) name: &'static str,
    /// Whether a body is this vendor's. The first entry that says so wins.
    pub(super) recognise: fn(&BodyPlace<'_>) -> bool,
    pub(super) registration: fn(&RegistrationResponse, &mut Carried<'_>) -> Body,
    pub(super) authentication: fn(&AuthenticationResponse, &mut Carried<'_>) -> Body,
}

/// Every vendor, from the most telling shape to the standard, which is the last and fits all.
pub(super) static VENDORS: &[Vendor] = &[
    // Nevis Authentication Cloud.
    Vendor {
        name: "nevis",
        recognise: |body| {
            body.under("credentialCreationOptions")
                || body.under("credentialRequestOptions") && body.beside("statusToken")
        },
        registration: |response, carried| {
            let mut members =
                vec![type_member(), id(&response.id), ("response", bare_registration(response))];
            members.extend(carried.required("statusToken"));
            members.extend(carried.optional("userFriendlyName"));
            members.extend(carried.optional("userAgent"));
            object(members)
        },
        authentication: |response, carried| {
            let mut assertion = bare_authentication(response);
            // The service insists on a user handle, which a server-side credential does not give.
            if let (None, Json::Object(members)) = (&response.user_handle, &mut assertion) {
                members.extend(carried.required("userHandle").map(|(name, value)| (name.into(), value)));
            }
            let mut members = vec![type_member(), id(&response.id), ("response", assertion)];
            members.extend(carried.required("statusToken"));
            members.extend(carried.optional("userAgent"));
            object(members)
        },
    },
    // The FIDO conformance REST binding.
    Vendor {
        name: "fido",
        recognise: |body| {
            body.options.member("errorMessage").is_some() || body.options.member("status").is_some()
        },
        registration: |response, carried| fido(&response.id, bare_registration(response), carried),
        authentication: |response, carried| fido(&response.id, bare_authentication(response), carried),
    },
    // Okta's Authentication API.
    Vendor {
        name: "okta",
        recognise: |body| {
            body.under("_embedded") && (body.under("activation") || body.under("challenge"))
                || body.under("activationData")
                || body.under("challengeData")
        },
        registration: |response, _| {
            object([
                ("attestation", encode(&response.attestation_object).into()),
                ("clientData", encode(&response.client_data_json).into()),
            ])
        },
        authentication: okta_authentication,
    },
    // Okta's MyAccount API: never recognised by its input, which is the same.
    Vendor {
        name: "okta-myaccount",
        recognise: |_| false,
        registration: |response, _| {
            object([
                ("attestation", encode(&response.attestation_object).into()),
                ("clientData", encode(&response.client_data_json).into()),
                ("transports", response.transports_json().to_string().into()),
                ("clientExtensions", response.client_extension_results_json().to_string().into()),
            ])
        },
        authentication: okta_authentication,
    },
    // Amazon Cognito.
    Vendor {
        name: "cognito",
        recognise: |body| body.under("CredentialCreationOptions") || body.under("CREDENTIAL_REQUEST_OPTIONS"),
        registration: |response, carried| {
            object(carried.required("AccessToken").into_iter().chain([("Credential", response.to_json())]))
        },
        authentication: |response, carried| {
            let mut answers: Vec<_> = carried.required("USERNAME").into_iter().collect();
            answers.push(("CREDENTIAL", response.to_json().to_string().into()));
            let mut members = vec![("ChallengeName", Json::from("WEB_AUTHN"))];
            members.extend(carried.required("ClientId"));
            members.extend(carried.optional("Session"));
            members.push(("ChallengeResponses", Json::object(answers)));
            object(members)
        },
    },
    // Microsoft Graph.
    Vendor {
        name: "graph",
        recognise: |body| body.beside("challengeTimeoutDateTime"),
        registration: |response, carried| {
            object([
                ("displayName", carried.label("displayName").into()),
                (
                    "publicKeyCredential",
                    Json::object([
                        id(&response.id),
                        ("response", bare_registration(response)),
                        ("clientExtensionResults", response.client_extension_results_json()),
                    ]),
                ),
            ])
        },
        authentication: |response, _| Body::Json(response.to_json()),
    },
    Vendor {
        name: "authsignal",
        recognise: |body| body.under("options") && body.beside("challengeId"),
        registration: |response, carried| {
            let challenge_id = carried.required("challengeId");
            object(challenge_id.into_iter().chain([("registrationCredential", response.to_json())]))
        },
        authentication: |response, carried| {
            let challenge_id = carried.required("challengeId");
            object(challenge_id.into_iter().chain([("authenticationCredential", response.to_json())]))
        },
    },
    Vendor {
        name: "corbado",
        recognise: |body| body.under("attestationOptions") || body.under("assertionOptions"),
        registration: |response, _| object([("attestationResponse", response.to_json().to_string().into())]),
        authentication: |response, _| object([("assertionResponse", response.to_json().to_string().into())]),
    },
    Vendor {
        name: "supabase",
        recognise: |body| body.under("options") && body.beside("challenge_id"),
        registration: |response, carried| beside(response.to_json(), carried.required("challenge_id")),
        authentication: |response, carried| beside(response.to_json(), carried.required("challenge_id")),
    },
    Vendor {
        name: "auth0",
        recognise: |body| body.under("authn_params_public_key"),
        registration: |response, carried| {
            object(
                carried.required("auth_session").into_iter().chain([("authn_response", response.to_json())]),
            )
        },
        authentication: |response, carried| {
            object(
                carried.required("auth_session").into_iter().chain([("authn_response", response.to_json())]),
            )
        },
    },
    Vendor {
        name: "stytch",
        recognise: |body| {
            body.under("public_key_credential_creation_options")
                || body.under("public_key_credential_request_options")
        },
        registration: |response, carried| {
            let credential = ("public_key_credential", response.to_json().to_string().into());
            object(carried.optional("user_id").into_iter().chain([credential]))
        },
        authentication: |response, _| {
            object([("public_key_credential", response.to_json().to_string().into())])
        },
    },
    Vendor {
        name: "keycloak",
        recognise: |body| keycloak::kind(body.options).is_some(),
        registration: keycloak::registration,
        authentication: keycloak::authentication,
    },
    // Spring Security: its bare options look like the standard's.
    Vendor {
        name: "spring",
        recognise: |_| false,
        registration: |response, carried| {
            object([(
                "publicKey",
                Json::object([("credential", response.to_json()), ("label", carried.label("label").into())]),
            )])
        },
        authentication: |response, _| Body::Json(response.to_json()),
    },
    Vendor {
        name: "hanko",
        recognise: |body| {
            let selection = body.options.member("authenticatorSelection");
            selection.is_some_and(|selection| selection.member("authenticatorAttachement").is_some())
        },
        registration: |response, _| Body::Json(response.to_json()),
        authentication: |response, _| Body::Json(response.to_json()),
    },
    STANDARD,
];

/// WebAuthn Level 3 itself.
pub(super) const STANDARD: Vendor = Vendor {
    name: "l3",
    recognise: |_| true,
    registration: |response, _| Body::Json(response.to_json()),
    authentication: |response, _| Body::Json(response.to_json()),
};

fn object(members: impl IntoIterator<Item = (&'static str, Json<'static>)>) -> Body {
    Body::Json(Json::object(members))
}

fn type_member() -> (&'static str, Json<'static>) {
    ("type", "public-key".into())
}

fn id(id: &[u8]) -> (&'static str, Json<'static>) {
    ("id", encode(id).into())
}

/// `response` with the two members that Level 1 knew.
fn bare_registration(response: &RegistrationResponse) -> Json<'static> {
    Json::object([
        ("attestationObject", Json::from(encode(&response.attestation_object))),
        ("clientDataJSON", encode(&response.client_data_json).into()),
    ])
}

fn bare_authentication(response: &AuthenticationResponse) -> Json<'static> {
    let members = [
        ("authenticatorData", Json::from(encode(&response.authenticator_data))),
        ("clientDataJSON", encode(&response.client_data_json).into()),
        ("signature", encode(&response.signature).into()),
    ];
    let user_handle = response.user_handle.as_ref().map(|handle| ("userHandle", Json::from(encode(handle))));
    Json::object(members.into_iter().chain(user_handle))
}

/// nevisFIDO, which speaks this binding, wants its `fido2SessionId` back.
fn fido(credential_id: &[u8], response: Json<'static>, carried: &Carried<'_>) -> Body {
    let members = [
        id(credential_id),
        type_member(),
        ("response", response),
        ("getClientExtensionResults", Json::Object(Vec::new())),
    ];
    object(members.into_iter().chain(carried.optional("fido2SessionId")))
}

fn okta_authentication(response: &AuthenticationResponse, _: &mut Carried<'_>) -> Body {
    object([
        ("authenticatorData", encode(&response.authenticator_data).into()),
        ("clientData", encode(&response.client_data_json).into()),
        ("signatureData", encode(&response.signature).into()),
    ])
}

fn beside(response: Json<'static>, member: Option<(&'static str, Json<'static>)>) -> Body {
    match response {
        Json::Object(mut members) => {
            members.extend(member.map(|(name, value)| (name.into(), value)));
            Body::Json(Json::Object(members))
        }
        other => Body::Json(other),
    }
}
