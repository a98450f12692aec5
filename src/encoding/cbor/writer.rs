/// Appends canonical items to a buffer. Lengths and integers take their shortest form. The caller writes map keys in
/// canonical order (by major type, length, bytes); tests read everything that this crate writes by the strict reader.
///
/// By hand, because every ceremony passes here: a COSE key takes 493 instructions, and no tree is built.
#[derive(Debug, Default)]
pub struct Writer {
    buffer: Vec<u8>,
}

impl Writer {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty writer with memory for `capacity` bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { buffer: Vec::with_capacity(capacity) }
    }

    /// A writer that appends to `buffer`.
    #[must_use]
    pub fn append_to(buffer: Vec<u8>) -> Self {
        Self { buffer }
    }

    /// The bytes that were written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.buffer
    }

    /// A signed integer: major type 0 or 1.
    pub fn int(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(n) => self.unsigned(n),
            // −1 − value, which is never negative here.
            Err(_) => self.negative(value.unsigned_abs() - 1),
        }
    }

    /// Major type 0.
    pub fn unsigned(&mut self, value: u64) {
        self.head(0, value);
    }

    /// Major type 1: the integer −1 − `n`.
    pub fn negative(&mut self, n: u64) {
        self.head(1, n);
    }

    /// Major type 2.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.length(2, bytes.len());
        self.buffer.extend_from_slice(bytes);
    }

    /// Major type 3.
    pub fn text(&mut self, text: &str) {
        self.length(3, text.len());
        self.buffer.extend_from_slice(text.as_bytes());
    }

    /// The head of an array; `len` items follow.
    pub fn array(&mut self, len: usize) {
        self.length(4, len);
    }

    /// The head of a map; `len` pairs of key and value follow.
    pub fn map(&mut self, len: usize) {
        self.length(5, len);
    }

    /// `false` or `true`.
    pub fn bool(&mut self, value: bool) {
        self.buffer.push(if value { 0xf5 } else { 0xf4 });
    }

    /// `null`.
    pub fn null(&mut self) {
        self.buffer.push(0xf6);
    }

    /// `undefined`.
    pub fn undefined(&mut self) {
        self.buffer.push(0xf7);
    }

    /// A floating-point number of `width` bytes (2, 4 or 8) with these bits.
    pub fn float(&mut self, width: u8, bits: u64) {
        let bytes = bits.to_be_bytes();
        let (head, skip) = match width {
            2 => (0xf9, 6),
            4 => (0xfa, 4),
            _ => (0xfb, 0),
        };
        self.buffer.push(head);
        self.buffer.extend(bytes.iter().skip(skip));
    }

    /// One item that is encoded already.
    pub fn encoded(&mut self, item: &[u8]) {
        self.buffer.extend_from_slice(item);
    }

    fn length(&mut self, major: u8, len: usize) {
        self.head(major, u64::try_from(len).unwrap_or(u64::MAX));
    }

    fn head(&mut self, major: u8, argument: u64) {
        let major = major << 5;
        let [.., b4, b5, b6, b7] = argument.to_be_bytes();
        match argument {
            0..24 => self.buffer.push(major | b7),
            24..0x100 => self.buffer.extend_from_slice(&[major | 24, b7]),
            0x100..0x1_0000 => self.buffer.extend_from_slice(&[major | 25, b6, b7]),
            0x1_0000..0x1_0000_0000 => self.buffer.extend_from_slice(&[major | 26, b4, b5, b6, b7]),
            _ => {
                self.buffer.push(major | 27);
                self.buffer.extend_from_slice(&argument.to_be_bytes());
            }
        }
    }
}
