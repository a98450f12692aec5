//! APDUs, as cards speak them (ISO 7816-4 §5): commands in short and extended form, and status words.

/// The status words that FIDO's applet uses (CTAP 2.1 §11.3).
pub mod status {
    /// It is done.
    pub const OK: u16 = 0x9000;
    /// It is not done yet: what follows is a sign of life.
    pub const KEEPALIVE: u16 = 0x9100;
    /// The low byte says how many bytes are left; 0 for more than 255.
    pub const BYTES_LEFT: u16 = 0x6100;
    /// The length is not allowed.
    pub const WRONG_LENGTH: u16 = 0x6700;
    /// Parts of a command do not belong together.
    pub const LAST_OF_CHAIN_EXPECTED: u16 = 0x6883;
    /// A condition of use is not satisfied.
    pub const CONDITIONS_NOT_SATISFIED: u16 = 0x6985;
    /// The application is not there.
    pub const NOT_FOUND: u16 = 0x6a82;
    /// The parameters are not allowed.
    pub const WRONG_PARAMETERS: u16 = 0x6a86;
    /// The instruction is not known.
    pub const INVALID_INSTRUCTION: u16 = 0x6d00;
    /// The class is not known.
    pub const INVALID_CLASS: u16 = 0x6e00;
}

/// FIDO's application identifier (CTAP 2.1 §11.3.3).
pub const FIDO_AID: [u8; 8] = [0xa0, 0x00, 0x00, 0x06, 0x47, 0x2f, 0x00, 0x01];

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The class.
    pub class: u8,
    /// The instruction.
    pub instruction: u8,
    /// The parameters.
    pub parameters: [u8; 2],
    /// The data.
    pub data: Vec<u8>,
    /// The most bytes that are expected in return; 0 for none.
    pub expected: usize,
    /// Whether lengths are in the extended form.
    pub extended: bool,
}

impl Command {
    /// A command without data, which expects as much as the short form can say.
    #[must_use]
    pub const fn new(class: u8, instruction: u8, parameters: [u8; 2]) -> Self {
        Self { class, instruction, parameters, data: Vec::new(), expected: 256, extended: false }
    }

    /// The same with data.
    #[must_use]
    pub fn with(mut self, data: &[u8]) -> Self {
        self.data = data.to_vec();
        self
    }

    /// Takes a command apart; `None` if its lengths are not those that it says.
    ///
    /// DEVIATION: ISO 7816-4 §5.1 has no length of data that is zero. It is read as that of no data, as libfido2 writes both
    /// lengths in every short command.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (&[class, instruction, first, second], rest) = bytes.split_first_chunk()?;
        let command = |data: &[u8], expected, extended| {
            let parameters = [first, second];
            Some(Self { class, instruction, parameters, data: data.to_vec(), expected, extended })
        };
        let short = |length: u8| if length == 0 { 256 } else { usize::from(length) };
        let long = |high, low| match u16::from_be_bytes([high, low]) {
            0 => 65_536,
            length => usize::from(length),
        };
        match *rest {
            [] => command(&[], 0, false),
            [length] => command(&[], short(length), false),
            [0, high, low] => command(&[], long(high, low), true),
            [0, high, low, ref rest @ ..] => {
                let (data, expected) = rest.split_at_checked(u16::from_be_bytes([high, low]).into())?;
                match *expected {
                    [] => command(data, 0, true),
                    [high, low] => command(data, long(high, low), true),
                    _ => None,
                }
            }
            [length, ref rest @ ..] => {
                let (data, expected) = rest.split_at_checked(length.into())?;
                match *expected {
                    [] => command(data, 0, false),
                    [length] => command(data, short(length), false),
                    _ => None,
                }
            }
        }
    }

    /// The command as it travels. Data that are too long for the short form make it an extended one; more than 65,535 bytes
    /// are cut off.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.class, self.instruction];
        bytes.extend_from_slice(&self.parameters);
        let length = u16::try_from(self.data.len()).unwrap_or(u16::MAX);
        let data = self.data.get(..length.into()).unwrap_or(&self.data);
        let [high, low] = length.to_be_bytes();
        let extended = self.extended || high != 0;
        match (extended, data.is_empty()) {
            (false, true) => {}
            (false, false) => bytes.push(low),
            (true, true) if self.expected > 0 => bytes.push(0),
            (true, true) => {}
            (true, false) => bytes.extend_from_slice(&[0, high, low]),
        }
        bytes.extend_from_slice(data);
        // The greatest number that fits is written as 0.
        let expected = self.expected.to_be_bytes();
        match (self.expected, extended, expected) {
            (0, ..) => {}
            (_, true, [.., high, low]) => bytes.extend_from_slice(&[high, low]),
            (_, false, [.., low]) => bytes.push(low),
        }
        bytes
    }
}

/// An answer: data, and a status word at the end.
#[must_use]
pub fn answer(data: &[u8], status: u16) -> Vec<u8> {
    [data, &status.to_be_bytes()].concat()
}

/// Takes an answer apart; `None` if it has no status word.
#[must_use]
pub fn split(answer: &[u8]) -> Option<(&[u8], u16)> {
    let (data, status) = answer.split_last_chunk()?;
    Some((data, u16::from_be_bytes(*status)))
}
