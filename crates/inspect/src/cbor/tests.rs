use super::*;

fn whole(bytes: &[u8]) -> Reading {
    read(bytes, 0..bytes.len())
}

#[test]
fn oddities_are_noted_and_read_on() {
    let odd = |bytes: &[u8]| whole(bytes).item.unwrap().odd;
    assert_eq!(odd(&[0x18, 0x17]), ["not the shortest head"]);
    assert_eq!(odd(&[0x9f, 0x01, 0xff]), ["of indefinite length"]);
    assert_eq!(odd(&[0xa2, 0x01, 0x01, 0x01, 0x02]), ["1 of its keys are there before"]);
    assert_eq!(odd(&[0xa2, 0x02, 0x01, 0x01, 0x02]), ["keys out of canonical order"]);
    assert_eq!(odd(&[0xa2, 0x20, 0x01, 0x18, 0x64, 0x02]), ["keys out of canonical order"]);
    assert_eq!(odd(&[0x61, 0xff]), ["text that is not UTF-8"]);
    assert!(odd(&[0xa2, 0x18, 0x64, 0x02, 0x20, 0x01]).is_empty());
}

#[test]
fn what_stops_is_told_with_its_offset_and_what_came_before_is_kept() {
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
fn segments_are_joined() {
    let bytes = [0x5f, 0x41, 0x01, 0x42, 0x02, 0x03, 0xff];
    let Kind::Bytes(contents) = whole(&bytes).item.unwrap().kind else { panic!() };
    assert_eq!(contents.of(&bytes), [1, 2, 3]);
}
