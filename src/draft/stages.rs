//! The table of stages: who makes each, in their order, its name, and what an edit is given there.

/// Hands the table to another macro, after the tokens that follow its name.
macro_rules! stages {
    ($with:ident $($first:tt)*) => {
        $with! { $($first)*
            /// A change that the client makes.
            Client, ClientEdit {
                /// The members of client data.
                ClientData, client_data: ClientData;
                /// The bytes of client data. The hash is made of them.
                ClientDataJson, client_data_json: Vec<u8>;
                /// The attestation object as a CBOR tree.
                AttestationObject, attestation_object: Item;
                /// The bytes of the attestation object.
                AttestationObjectBytes, attestation_object_bytes: Vec<u8>;
                /// The reply's JSON. An edit is written for the shape `l3`; other JSON shapes are given to it as they
                /// are. A reply that is not JSON does not have the stage.
                Reply, reply: Json<'static>;
            }
            /// A change that the authenticator makes.
            Authenticator, AuthenticatorEdit {
                /// The algorithms that the authenticator reads as those asked for.
                RequestedAlgorithms, requested_algorithms: Vec<i64>;
                /// The members of authenticator data. The response names the credential's id and key as they stand
                /// here.
                AuthenticatorData, authenticator_data: AuthenticatorData;
                /// The credential public key in authenticator data: the COSE_Key as a CBOR tree.
                CredentialKey, credential_key: Item;
                /// The bytes of authenticator data.
                AuthData, auth_data: Vec<u8>;
                /// The message that is signed, in both ceremonies. The parts that it was made of are sent unchanged.
                Signed, signed: Vec<u8>;
                /// The signature, in both ceremonies.
                Signature, signature: Vec<u8>;
            }
            /// A change to the attestation statement.
            Attestation, AttestationEdit {
                /// `android-key`: the key description, which goes into the leaf.
                KeyDescription, key_description: KeyDescription;
                /// The intermediate certificate, before it is signed. The edit puts one in where there is none, but not
                /// for `fido-u2f`, which has no place for it.
                Intermediate, intermediate: CertificateDraft;
                /// The leaf certificate, before it is signed. An attestation identity of the caller's has a leaf that
                /// is signed already, and not this stage.
                Leaf, leaf: CertificateDraft;
                /// The certificates of `x5c`, DER, leaf first.
                Chain, chain: Vec<Vec<u8>>;
                /// `tpm`: the members of `pubArea`.
                PubArea, pub_area: PubArea;
                /// `tpm`: the bytes of `pubArea`. The name in `certInfo` is made of them.
                PubAreaBytes, pub_area_bytes: Vec<u8>;
                /// `tpm`: the members of `certInfo`.
                CertInfo, cert_info: CertInfo;
                /// `tpm`: the bytes of `certInfo`.
                CertInfoBytes, cert_info_bytes: Vec<u8>;
                /// `android-safetynet`: the header of the JSON Web Signature.
                SafetyNetHeader, safety_net_header: Json<'static>;
                /// `android-safetynet`: the payload of the JSON Web Signature.
                SafetyNetPayload, safety_net_payload: Json<'static>;
                /// The attestation statement as a CBOR tree. For `compound` it is the whole array.
                Statement, statement: Item;
            }
        }
    };
}
pub(super) use stages;
