//! CTAPHID (CTAP 2.1 §11.2): messages of up to 7,609 bytes in reports of 64, over channels that keep applications apart.

mod client;
mod device;
mod message;
mod packet;

pub use client::{HidChannel, Reports};
pub use device::{CtapHid, Effect, Kind, Offers};
pub use message::{Assembly, WrongSequence, reports};
pub use packet::{Packet, Report};

/// The bytes of a report (§11.2.4, §11.2.8).
pub const REPORT_LENGTH: usize = 64;

/// The most bytes of a message: what one initialization packet and 128 continuation packets carry (§11.2.4).
pub const MOST_DATA: usize = INITIAL_DATA + 128 * CONTINUED_DATA;

/// The bytes of data in an initialization packet.
const INITIAL_DATA: usize = REPORT_LENGTH - 7;

/// The bytes of data in a continuation packet.
const CONTINUED_DATA: usize = REPORT_LENGTH - 5;

/// The channel on which channels are asked for (§11.2.3).
pub const BROADCAST: u32 = 0xffff_ffff;

/// The bytes of the nonce of INIT, and of its answer (§11.2.9.1.3).
const NONCE_LENGTH: usize = 8;

/// The version of the protocol that INIT tells.
const PROTOCOL_VERSION: u8 = 2;

macro_rules! numbered {
    ($(#[$meta:meta])* $name:ident { $($(#[$value_meta:meta])* $value:ident = $number:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$value_meta])* $value,)* }

        impl $name {
            /// Its number.
            #[must_use]
            pub const fn number(self) -> u8 {
                match self { $($name::$value => $number,)* }
            }

            /// The one of this number.
            #[must_use]
            pub const fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some($name::$value),)* _ => None }
            }
        }
    };
}

numbered! {
    /// What a message is (§11.2.9), without the bit that marks an initialization packet.
    Command {
        /// The same data back.
        Ping = 0x01,
        /// A U2F message.
        Msg = 0x03,
        /// The device for one channel alone, for up to ten seconds.
        Lock = 0x04,
        /// A new channel, or this one from the beginning.
        Init = 0x06,
        /// Something that a person sees.
        Wink = 0x08,
        /// A CTAP2 request.
        Cbor = 0x10,
        /// The end of what the channel waits for.
        Cancel = 0x11,
        /// The device is still at work.
        KeepAlive = 0x3b,
        /// The request was in vain.
        Error = 0x3f,
    }
}

numbered! {
    /// Why a request was in vain (§11.2.9.1.6).
    ErrorCode {
        /// The command is not known.
        InvalidCommand = 0x01,
        /// A parameter is not allowed.
        InvalidParameter = 0x02,
        /// The length is not allowed.
        InvalidLength = 0x03,
        /// A packet came out of its order.
        InvalidSequence = 0x04,
        /// The rest of a message did not come.
        MessageTimeout = 0x05,
        /// The device works for another channel.
        ChannelBusy = 0x06,
        /// The command needs the lock.
        LockRequired = 0x0a,
        /// There is no such channel.
        InvalidChannel = 0x0b,
        /// Another error.
        Other = 0x7f,
    }
}

numbered! {
    /// What a device is at while it is still at work (§11.2.9.1.7).
    KeepAlive {
        /// It computes.
        Processing = 0x01,
        /// It waits for its user.
        UserPresenceNeeded = 0x02,
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::InvalidCommand => "ERR_INVALID_CMD",
            Self::InvalidParameter => "ERR_INVALID_PAR",
            Self::InvalidLength => "ERR_INVALID_LEN",
            Self::InvalidSequence => "ERR_INVALID_SEQ",
            Self::MessageTimeout => "ERR_MSG_TIMEOUT",
            Self::ChannelBusy => "ERR_CHANNEL_BUSY",
            Self::LockRequired => "ERR_LOCK_REQUIRED",
            Self::InvalidChannel => "ERR_INVALID_CHANNEL",
            Self::Other => "ERR_OTHER",
        })
    }
}

/// What a device can do, as INIT tells it (§11.2.9.1.3): bits.
pub mod capability {
    /// WINK.
    pub const WINK: u8 = 0x01;
    /// CBOR.
    pub const CBOR: u8 = 0x04;
    /// **No** MSG.
    pub const NMSG: u8 = 0x08;
}
