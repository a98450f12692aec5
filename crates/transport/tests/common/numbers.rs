//! Numbers as the specification lists them.

/// The commands of CTAPHID (CTAP 2.1 §11.2.9), without the bit that marks an initialization packet.
pub mod command {
    pub const PING: u8 = 0x01;
    pub const MSG: u8 = 0x03;
    pub const LOCK: u8 = 0x04;
    pub const INIT: u8 = 0x06;
    pub const WINK: u8 = 0x08;
    pub const CBOR: u8 = 0x10;
    pub const CANCEL: u8 = 0x11;
    pub const KEEPALIVE: u8 = 0x3b;
    pub const ERROR: u8 = 0x3f;
}

/// The codes of CTAPHID_ERROR (§11.2.9.1.6).
pub mod error {
    pub const INVALID_CMD: u8 = 0x01;
    pub const INVALID_PAR: u8 = 0x02;
    pub const INVALID_LEN: u8 = 0x03;
    pub const INVALID_SEQ: u8 = 0x04;
    pub const MSG_TIMEOUT: u8 = 0x05;
    pub const CHANNEL_BUSY: u8 = 0x06;
    pub const INVALID_CHANNEL: u8 = 0x0b;
}

/// The channel on which channels are asked for (§11.2.3).
pub const BROADCAST: u32 = 0xffff_ffff;

/// CTAP2_ERR_KEEPALIVE_CANCEL (§8.2).
pub const KEEPALIVE_CANCEL: u8 = 0x2d;
