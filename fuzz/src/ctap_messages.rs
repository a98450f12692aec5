//! Messages of CTAP: what is read is written, and read as the same. Input in which a message has members that are its own, and
//! none that says what its absence says, comes back byte for byte; `shapes` has the members, as the standard lists them.

mod shapes;

use std::fmt::Debug;

use stuntkey::ctap2::{
    BioEnrollmentRequest, BioEnrollmentResponse, ClientPinRequest, ClientPinResponse, ConfigRequest,
    CredentialManagementRequest, CredentialManagementResponse, GetAssertionRequest, GetAssertionResponse,
    GetInfoResponse, LargeBlobsRequest, LargeBlobsResponse, MakeCredentialRequest, MakeCredentialResponse,
    U2fRequest,
};
use stuntkey::encoding::cbor;

use shapes::Shape;

/// The message that the first byte says, or an APDU of U2F, in the bytes behind it.
pub fn ctap_messages(data: &[u8]) {
    let Some((&which, message)) = data.split_first() else { return };
    macro_rules! message {
        ($type:ident, $shape:ident) => {
            examine(message, &shapes::$shape, $type::from_cbor, $type::to_cbor)
        };
    }
    match which % 16 {
        0 => message!(ClientPinRequest, CLIENT_PIN_REQUEST),
        1 => message!(ClientPinResponse, CLIENT_PIN_RESPONSE),
        2 => message!(CredentialManagementRequest, CREDENTIAL_MANAGEMENT_REQUEST),
        3 => message!(CredentialManagementResponse, CREDENTIAL_MANAGEMENT_RESPONSE),
        4 => message!(LargeBlobsRequest, LARGE_BLOBS_REQUEST),
        5 => message!(LargeBlobsResponse, LARGE_BLOBS_RESPONSE),
        6 => message!(ConfigRequest, CONFIG_REQUEST),
        7 => message!(BioEnrollmentRequest, BIO_ENROLLMENT_REQUEST),
        8 => message!(BioEnrollmentResponse, BIO_ENROLLMENT_RESPONSE),
        9 => message!(GetInfoResponse, GET_INFO_RESPONSE),
        10 => message!(MakeCredentialRequest, MAKE_CREDENTIAL_REQUEST),
        11 => message!(MakeCredentialResponse, MAKE_CREDENTIAL_RESPONSE),
        12 => message!(GetAssertionRequest, GET_ASSERTION_REQUEST),
        13 => message!(GetAssertionResponse, GET_ASSERTION_RESPONSE),
        _ => apdu(message),
    }
}

fn examine<T: PartialEq + Debug, E: Debug>(
    bytes: &[u8],
    shape: &Shape,
    read: fn(&[u8]) -> Result<T, E>,
    write: fn(&T) -> Vec<u8>,
) {
    let Ok(message) = read(bytes) else { return };
    let written = write(&message);
    let again = read(&written).expect("what is written is read");
    assert_eq!(again, message, "what is written is read as another");
    assert_eq!(write(&again), written, "it is written in two ways");
    // A response without members is nothing at all.
    if bytes.is_empty() || written.is_empty() {
        return;
    }
    cbor::read(&written).expect("what is written is canonical");
    if shape.is_all_of(&cbor::read(bytes).expect("what was read is canonical")) {
        assert_eq!(written, bytes, "what has its own members alone comes back as another");
    }
}

/// An APDU in extended encoding comes back byte for byte where it has nothing in the bytes that have no meaning.
fn apdu(bytes: &[u8]) {
    let Ok(request) = U2fRequest::from_apdu(bytes) else { return };
    let written = request.to_apdu().expect("its key handle had a length of one byte");
    assert_eq!(U2fRequest::from_apdu(&written), Ok(request.clone()));
    let p1_says_something = matches!(request, U2fRequest::Authenticate { .. });
    if let [0, _, p1, 0, 0, .., 0, 0] = bytes
        && bytes.len() == written.len()
        && (p1_says_something || *p1 == 0)
    {
        assert_eq!(written, bytes, "an APDU comes back as another");
    }
}
