//! authenticatorLargeBlobs (CTAP 2.1 §6.10).

use super::message::{request, response};

request! {
    /// The request: either `get` or `set`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct LargeBlobsRequest {
        /// How many bytes to read.
        get: Option<u64> = 0x01,
        /// The fragment to write.
        set: Option<Vec<u8>> = 0x02,
        /// Where in the array.
        offset: Option<u64> = 0x03,
        /// The length of the whole array: with the first fragment.
        length: Option<u64> = 0x04,
        /// The proof that the platform has a token.
        pin_uv_auth_param: Option<Vec<u8>> = 0x05,
        /// The number of the PIN/UV auth protocol.
        pin_uv_auth_protocol: Option<u64> = 0x06,
    }
}

response! {
    /// The response: nothing for `set`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct LargeBlobsResponse {
        /// A part of the array.
        config: Option<Vec<u8>> = 0x01,
    }
}
