//! What both backends hold an Ed25519 key and signature to, beyond the equation of RFC 8032 §5.1.7.

/// RFC 8032 §5.1.3 step 1: the y coordinate is below p = 2^255 - 19. The topmost bit is the sign of x.
pub(super) fn is_canonical(point: &[u8]) -> bool {
    let [lowest, between @ .., top] = point else { return false };
    top & 0x7f != 0x7f || *lowest < 0xed || between.iter().any(|byte| *byte != 0xff)
}

/// Whether neither the key nor R is of small order: whoever makes such a key knows signatures that hold over every message.
pub(super) fn is_strict(key: &[u8], signature: &[u8]) -> bool {
    signature.first_chunk::<32>().is_some_and(|r| is_canonical(r) && !is_of_small_order(r))
        && !is_of_small_order(key)
}

/// Whether the point has an order that divides the cofactor 8. Of those eight points there are five y coordinates.
fn is_of_small_order(point: &[u8]) -> bool {
    let Some((top, rest)) = point.split_last() else { return false };
    SMALL_ORDER.iter().any(|[y @ .., last]| top & 0x7f == *last && rest == y)
}

/// The y coordinates of the points of orders 4, 1, 2 and, twice, 8: 0, 1, p - 1, and the roots of the equation that
/// doubling such a point to one with y = 0 gives. Little-endian. A test holds them against `ed25519-dalek`.
const SMALL_ORDER: [[u8; 32]; 5] = {
    let mut all = [[0; 32]; 5];
    all[1][0] = 1;
    all[2] = [0xff; 32];
    (all[2][0], all[2][31]) = (0xec, 0x7f);
    all[3] = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ];
    all[4] = [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ];
    all
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_small_order_are_those_that_the_library_calls_weak() {
        let weak =
            |point: &[u8; 32]| ed25519_dalek::VerifyingKey::from_bytes(point).is_ok_and(|key| key.is_weak());
        let mut found = 0;
        for y in SMALL_ORDER {
            for sign in [0, 0x80] {
                let mut point = y;
                point[31] |= sign;
                assert!(is_of_small_order(&point));
                // With x = 0 there is one sign alone, which not every reader minds.
                assert!(weak(&point), "{point:02x?}");
                found += 1;
            }
        }
        assert_eq!(found, 10);
        let base = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key();
        assert!(!weak(base.as_bytes()) && !is_of_small_order(base.as_bytes()));
    }

    #[test]
    fn a_canonical_y_is_below_p() {
        let p = |lowest: u8, top: u8| {
            let mut y = [0xff; 32];
            (y[0], y[31]) = (lowest, top);
            y
        };
        assert!(is_canonical(&p(0xec, 0x7f)) && is_canonical(&p(0xec, 0xff)));
        assert!(!is_canonical(&p(0xed, 0x7f)) && !is_canonical(&p(0xff, 0xff)));
        assert!(is_canonical(&p(0xff, 0x7e)) && is_canonical(&[0; 32]));
    }
}
