use super::*;

fn whole(bytes: &[u8]) -> Reading<'_> {
    read(bytes, 0..bytes.len())
}

fn bytes(text: &str) -> Vec<u8> {
    crate::text::from_hex(text).unwrap()
}

/// What stands where the canonical form would have something else, or where the reader stopped.
fn found(hex: &str) -> Option<String> {
    let bytes = bytes(hex);
    let reading = whole(&bytes);
    if let Some(stop) = reading.stop {
        return Some(format!("{} at offset {}", stop.why, stop.offset));
    }
    let departure = reading.item.unwrap().first_departure();
    departure.map(|(offset, departure)| format!("{departure} at offset {offset}"))
}

#[test]
fn departures_are_kept_and_read_on() {
    let own = |bytes: &[u8]| whole(bytes).item.unwrap().departures;
    assert_eq!(own(&[0x18, 0x17]), [Departure::LongHead { argument: 23, width: 2 }]);
    assert_eq!(own(&[0x9f, 0x01, 0xff]), [Departure::IndefiniteLength]);
    assert_eq!(own(&[0x61, 0xff]), [Departure::NotUtf8]);
    let keys = |bytes: &[u8]| -> Vec<Vec<Departure>> {
        whole(bytes).item.unwrap().entries().iter().map(|(key, _)| key.departures.clone()).collect()
    };
    assert_eq!(keys(&[0xa2, 0x01, 0x01, 0x01, 0x02]), [vec![], vec![Departure::KeyTwice]]);
    assert_eq!(keys(&[0xa2, 0x02, 0x01, 0x01, 0x02]), [vec![], vec![Departure::KeyOutOfOrder]]);
    assert_eq!(keys(&[0xa2, 0x20, 0x01, 0x18, 0x64, 0x02]), [vec![], vec![Departure::KeyOutOfOrder]]);
    assert_eq!(keys(&[0xa2, 0x18, 0x64, 0x02, 0x20, 0x01]), [vec![], vec![]]);
}

#[test]
fn a_stop_has_its_offset_and_what_came_before_is_kept() {
    let reading = whole(&[0x83, 0x01, 0x42, 0xaa]);
    assert_eq!(reading.stop.unwrap().offset, 3);
    let Kind::Array(items) = reading.item.unwrap().kind else { panic!() };
    assert_eq!(items.len(), 2);
    for (bytes, offset) in
        [(&[][..], 0), (&[0x1c], 0), (&[0xff], 0), (&[0x19, 0x01], 0), (&[0x5f, 0x61, 0x61], 1)]
    {
        assert_eq!(whole(bytes).stop.unwrap().offset, offset, "{bytes:?}");
    }
}

#[test]
fn depth_and_number_are_limited() {
    assert!(whole(&[0x81; 100_000]).stop.unwrap().why.contains("levels"));
    let many = [&[0x9b, 0, 0, 0, 0, 0, 1, 0, 0][..], &[0; 65_536]].concat();
    assert!(whole(&many).stop.unwrap().why.contains("items"));
    assert!(whole(&[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).stop.is_some());
}

#[test]
fn no_more_levels_are_followed_than_the_caller_says() {
    let limits = Limits { depth: 16, ..Limits::default() };
    let stop = |levels| {
        let bytes = bytes(&("81".repeat(levels) + "00"));
        read_within(&bytes, 0..bytes.len(), limits).stop
    };
    assert_eq!(stop(16), None);
    let expected = Some(Stop { offset: 16, why: "more than 16 levels".into() });
    assert_eq!(stop(17), expected);
    assert_eq!(stop(100_000), expected);
}

#[test]
fn segments_are_joined() {
    let bytes = [0x5f, 0x41, 0x01, 0x42, 0x02, 0x03, 0xff];
    let item = whole(&bytes).item.unwrap();
    assert_eq!(item.bytes(), Some(&[1, 2, 3][..]));
    assert_eq!(item.contents(), None);
}

#[test]
fn the_canonical_form_has_no_departures() {
    let integers = "00 17 1818 18ff 190100 19ffff 1a00010000 1affffffff 1b0000000100000000 1bffffffffffffffff \
        20 37 3818 38ff 390100 39ffff 3a00010000 3affffffff 3b0000000100000000 3bffffffffffffffff";
    // 1.0 in every width, and what is no number.
    let floats = "f93c00 fa3f800000 fb3ff0000000000000 a16161fb3ff0000000000000 f97e00 fb7ff8000000000000";
    // 0, 19, false, true, null, undefined, 32 and 255.
    let simple = "e0 f3 f4 f5 f6 f7 f820 f8ff";
    let lengths = "40 420001 60 6161 80 820080 a0 a10080";
    for hex in [integers, floats, simple, lengths].iter().flat_map(|list| list.split_whitespace()) {
        assert_eq!(found(hex), None, "{hex}");
    }
    for (head, length) in
        [("5818", 24), ("58ff", 0xff), ("590100", 0x100), ("59ffff", 0xffff), ("5a00010000", 0x1_0000)]
    {
        assert_eq!(found(&(head.to_owned() + &"00".repeat(length))), None, "{length} bytes");
    }
}

#[test]
fn integers_and_lengths_are_as_short_as_they_can_be() {
    for (hex, expected) in [
        ("1817", "23 in a head of 2 bytes at offset 0"),
        ("1900ff", "255 in a head of 3 bytes at offset 0"),
        ("1a0000ffff", "65535 in a head of 5 bytes at offset 0"),
        ("1b00000000ffffffff", "4294967295 in a head of 9 bytes at offset 0"),
        ("3817", "23 in a head of 2 bytes at offset 0"),
        ("580100", "1 in a head of 2 bytes at offset 0"),
        ("78016161", "1 in a head of 2 bytes at offset 0"),
        ("8198010000", "1 in a head of 2 bytes at offset 1"),
        ("a100b800", "0 in a head of 2 bytes at offset 2"),
        ("a1180000", "0 in a head of 2 bytes at offset 1"),
    ] {
        // Some lack an item at the end: the departure comes before it.
        let bytes = bytes(hex);
        let (offset, departure) = whole(&bytes).item.unwrap().first_departure().unwrap();
        assert_eq!(format!("{departure} at offset {offset}"), expected, "{hex}");
    }
}

#[test]
fn indefinite_lengths_tags_and_wide_simple_values_depart() {
    for hex in ["5f4100ff", "7f6161ff", "9fff", "bfff"] {
        assert_eq!(found(hex).as_deref(), Some("an indefinite length at offset 0"), "{hex}");
    }
    assert_eq!(found("a161619fff").as_deref(), Some("an indefinite length at offset 3"));
    assert_eq!(found("c060").as_deref(), Some("tag 0 at offset 0"));
    assert_eq!(found("a16161c060").as_deref(), Some("tag 0 at offset 3"));
    // An integer in bytes, and CBOR in bytes.
    assert_eq!(found("c24101").as_deref(), Some("tag 2 at offset 0"));
    assert_eq!(found("81d8184100").as_deref(), Some("tag 24 at offset 1"));
    assert_eq!(found("f814").as_deref(), Some("simple value 20 in two bytes at offset 0"));
    assert_eq!(found("f81f").as_deref(), Some("simple value 31 in two bytes at offset 0"));
}

#[test]
fn map_keys_come_by_major_type_then_length_then_bytes() {
    for (hex, offset) in [
        // {24: 0, -1: 0, "": 0}: the longest of the keys is first.
        ("a318180020006000", None),
        ("a320006000181800", Some(5)),
        ("a261620062616100", None),
        ("a262616100616200", Some(5)),
        ("a2616100616200", None),
        ("a2616200616100", Some(4)),
        // {[1, 2]: 0, [256]: 0}: not the order of the bytes.
        ("a2820102008119010000", None),
        ("a2811901000082010200", Some(6)),
        // A float's width is a part of its value, and `undefined` is not `null`.
        ("a2f93c0000fa3f80000000", None),
        ("a2f600f700", None),
        ("a2f700f600", Some(3)),
    ] {
        let expected = offset.map(|offset| format!("a map key out of order at offset {offset}"));
        assert_eq!(found(hex), expected, "{hex}");
    }
    assert_eq!(found("a201000100").as_deref(), Some("a map key for the second time at offset 3"));
    assert_eq!(found("a1a20100010000").as_deref(), Some("a map key for the second time at offset 4"));
}

#[test]
fn a_key_is_there_twice_however_it_is_encoded() {
    let twice = |hex| whole(&bytes(hex)).item.unwrap().has_a_key_twice();
    for hex in ["a220000000", "bf0000ff", "180a", "c060", "a201000200"] {
        assert!(!twice(hex), "{hex}");
    }
    // As integers of two widths, in an array, in a key, in a tag.
    for hex in ["a20100180100", "81a201000100", "a1a20100010000", "c0a201000100"] {
        assert!(twice(hex), "{hex}");
    }
    // {1("b"): 0, h'ffffff': 0, 1("aa"): 0, h'ffffff': 0}: the same key, with tags between.
    assert!(twice("a4c161620043ffffff00c16261610043ffffff00"));
}

#[test]
fn no_length_is_believed() {
    for hex in ["5bffffffffffffffff", "9bffffffffffffffff", "bbffffffffffffffff"] {
        assert!(found(hex).unwrap().ends_with("at offset 9"), "{hex}");
    }
    for hex in ["", "19", "6261", "a100", "1c", "fe"] {
        assert!(whole(&bytes(hex)).stop.is_some(), "{hex}");
    }
}

/// What `ciborium` reads, this reader reads as the same value, and the other way round.
#[test]
fn values_are_those_of_another_reader() {
    let mut random = 0x5eed_u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random.to_le_bytes()[3]
    };
    let mut both = 0;
    for length in (1..40).cycle().take(20_000) {
        // Heads that are likely to begin something.
        let bytes: Vec<u8> =
            (0..length).map(|_| [next(), next() & 0xe3, next() & 0x63][usize::from(next() % 3)]).collect();
        let mut rest = bytes.as_slice();
        let theirs = ciborium::de::from_reader_with_recursion_limit::<ciborium::Value, _>(&mut rest, 32);
        let ours = whole(&bytes);
        let ours = ours.item.filter(|item| ours.stop.is_none() && !unlike(item)).map(|item| (item, ours.end));
        if let (Some((ours, end)), Ok(theirs)) = (&ours, &theirs) {
            assert!(same(ours, theirs), "{bytes:02x?}: {ours:?}, {theirs:?}");
            assert_eq!(bytes.len() - rest.len(), *end, "{bytes:02x?}");
            both += 1;
        }
        assert!(ours.is_none() || theirs.is_ok(), "{bytes:02x?}: {ours:?}, {theirs:?}");
    }
    assert!(both > 2_000, "{both}");
}

/// What `ciborium` reads in another way or not at all: numbers in tags, simple values without a meaning, text that is
/// not UTF-8.
fn unlike(item: &Item<'_>) -> bool {
    let own = match &item.kind {
        Kind::Tag(..) | Kind::Simple(0..20 | 23..) => true,
        Kind::Array(items) => items.iter().any(unlike),
        Kind::Map(entries) => entries.iter().any(|(key, value)| unlike(key) || unlike(value)),
        _ => false,
    };
    // A segment may end within a character.
    let text = matches!(item.kind, Kind::Text(_)) && item.departs(Departure::IndefiniteLength);
    own || text || item.departs(Departure::NotUtf8)
}

fn same(ours: &Item<'_>, theirs: &ciborium::Value) -> bool {
    use ciborium::Value;
    match (&ours.kind, theirs) {
        (Kind::Unsigned(_) | Kind::Negative(_), Value::Integer(n)) => ours.integer() == Some((*n).into()),
        (Kind::Bytes(ours), Value::Bytes(theirs)) => ours == theirs,
        (Kind::Text(ours), Value::Text(theirs)) => **ours == *theirs.as_bytes(),
        (Kind::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Kind::Map(ours), Value::Map(theirs)) => {
            let mut pairs = ours.iter().zip(theirs);
            ours.len() == theirs.len()
                && pairs.all(|(ours, theirs)| same(&ours.0, &theirs.0) && same(&ours.1, &theirs.1))
        }
        (Kind::Simple(20), Value::Bool(false)) | (Kind::Simple(21), Value::Bool(true)) => true,
        (Kind::Simple(22), Value::Null) => true,
        (Kind::Float(ours), Value::Float(theirs)) => ours == theirs || ours.is_nan() && theirs.is_nan(),
        _ => false,
    }
}
