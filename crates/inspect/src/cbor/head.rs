//! The head of a data item: its major type and its argument (RFC 8949 §3).

use super::Departure;

/// The head of an item.
pub(super) struct Head {
    pub(super) major: u8,
    pub(super) argument: Argument,
    /// How many bytes the head has.
    pub(super) width: u8,
    pub(super) departure: Option<Departure>,
}

/// What the head says beyond the major type.
pub(super) enum Argument {
    Number(u64),
    Float(f64),
    /// An indefinite length, or the break that ends one.
    Indefinite,
}

impl Head {
    /// Reads the head at the beginning of the bytes; the error says what is wrong with it.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let (first, rest) = bytes.split_first().ok_or("the end, where an item should begin")?;
        let (major, information) = (first >> 5, first & 0x1f);
        let argument_width: u8 = match information {
            0..=23 => 0,
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            31 if !matches!(major, 0 | 1 | 6) => {
                let departure = (major != 7).then_some(Departure::IndefiniteLength);
                return Ok(Self { major, argument: Argument::Indefinite, width: 1, departure });
            }
            _ => return Err(format!("the byte {first:#04x} begins no item")),
        };
        let width = 1 + argument_width;
        let more = rest.get(..argument_width.into()).ok_or("the end, inside the head of an item")?;
        let argument = match argument_width {
            0 => u64::from(information),
            _ => more.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)),
        };
        // The least number that needs an argument of this width.
        let least = match argument_width {
            0 => 0,
            1 => 24,
            2 => 0x100,
            4 => 0x1_0000,
            _ => 0x1_0000_0000,
        };
        let long = (argument < least).then_some(Departure::LongHead { argument, width });
        let (argument, departure) = match (major, argument_width) {
            (7, 0) => (Argument::Number(argument), None),
            (7, 1) => {
                let value = u8::try_from(argument).unwrap_or_default();
                let departure = (value < 32).then_some(Departure::SimpleInTwoBytes(value));
                (Argument::Number(argument), departure)
            }
            // "The representations of any floating-point values are not changed" (CTAP 2.2 §8).
            (7, _) => (Argument::Float(float(argument_width, argument)), None),
            // That there is a tag at all is the graver departure.
            (6, _) => (Argument::Number(argument), Some(Departure::Tag(argument))),
            _ => (Argument::Number(argument), long),
        };
        Ok(Self { major, argument, width, departure })
    }
}

fn float(width: u8, bits: u64) -> f64 {
    match width {
        2 => half(bits),
        4 => u32::try_from(bits).map_or(f64::NAN, |bits| f32::from_bits(bits).into()),
        _ => f64::from_bits(bits),
    }
}

/// A float of 16 bits (RFC 8949 appendix D).
fn half(bits: u64) -> f64 {
    let number = |bits: u64| u32::try_from(bits).map_or(f64::NAN, f64::from);
    let power = |exponent: u64| number(exponent).exp2();
    let (exponent, mantissa) = (bits >> 10 & 0x1f, number(bits & 0x3ff));
    let value = match exponent {
        0 => mantissa / power(24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * power(exponent) / power(25),
    };
    if bits & 0x8000 == 0 { value } else { -value }
}
