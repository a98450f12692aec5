"""largeBlobs: an array that is read and written in fragments."""

from hashlib import sha256

from ctap2.common import ACFG, ERR, FULL, LBW, Platform, Subject, refused
from fido2 import cbor
from fido2.ctap2 import Ctap2, LargeBlobs
from harness import expect

CHECKS = Subject()
check = CHECKS.check
INITIAL = bytes.fromhex("8076be8b528d0075f7aae98d6fa57a6d3c")
CAPACITY = 4096
# Short messages: an array goes in several.
FRAGMENTED = (*FULL, "max_msg_size=1024")


def array_of(size):
    """An array with its checksum: `size` bytes in all."""
    head = 3 if size > 16 + 4 + 255 else 2
    content = cbor.encode([bytes(size - 16 - 1 - head)])
    expect(len(content) == size - 16, f"{len(content)} bytes")
    return content + sha256(content).digest()[:16]


def whole(ctap):
    fragment, found = LargeBlobs(ctap).max_fragment_length, b""
    while True:
        more = ctap.large_blobs(len(found), get=fragment)[1]
        found += more
        if len(more) < fragment:
            return found


def send(ctap, request):
    return ctap.send_cbor(Ctap2.CMD.LARGE_BLOBS, request)


@check(*FRAGMENTED)
def the_array_is_empty_at_first(ctap, stuntkey):
    expect(ctap.info.max_large_blob == CAPACITY, f"maxSerializedLargeBlobArray is {ctap.info.max_large_blob}")
    found = ctap.large_blobs(0, get=LargeBlobs(ctap).max_fragment_length)[1]
    expect(found == INITIAL, f"found {found.hex()}")
    expect(LargeBlobs(ctap).read_blob_array() == [], "an element")


@check(*FRAGMENTED)
def blobs_are_kept_and_deleted(ctap, stuntkey):
    platform = Platform(ctap)
    keys = [bytes([number]) * 32 for number in range(3)]
    for key in keys:
        platform.large_blobs().put_blob(key, b"the blob of " + key)
    platform.large_blobs().delete_blob(keys[1])
    ctap.device.power_cycle()
    found = [LargeBlobs(ctap).get_blob(key) for key in keys]
    expect(found == [b"the blob of " + keys[0], None, b"the blob of " + keys[2]], f"found {found}")
    ctap.reset()
    expect(whole(ctap) == INITIAL, "a reset leaves the blobs")


@check(*FRAGMENTED)
def an_array_goes_in_fragments(ctap, stuntkey):
    platform = Platform(ctap)
    blobs = platform.large_blobs()
    array = [{1: bytes([number]) * 700, 2: bytes(12), 3: 700} for number in range(5)]
    blobs.write_blob_array(array)
    expect(blobs.read_blob_array() == array, "another array")
    expect(len(whole(ctap)) > 2 * blobs.max_fragment_length, "it fits into one fragment")
    return f"{len(whole(ctap))} bytes in fragments of {blobs.max_fragment_length}"


@check(*FRAGMENTED)
def reads_what_there_is_from_an_offset(ctap, stuntkey):
    expect(ctap.large_blobs(0, get=5)[1] == INITIAL[:5], "not the first 5 bytes")
    expect(ctap.large_blobs(10, get=500)[1] == INITIAL[10:], "not the rest")
    expect(ctap.large_blobs(17, get=1)[1] == b"", "something after the end")
    return refused(ERR.INVALID_PARAMETER, lambda: ctap.large_blobs(18, get=1))


@check(*FRAGMENTED)
def reads_no_more_than_a_fragment(ctap, stuntkey):
    fragment = LargeBlobs(ctap).max_fragment_length
    return refused(ERR.INVALID_LENGTH, lambda: ctap.large_blobs(0, get=fragment + 1))


@check(*FRAGMENTED)
def refuses_members_that_do_not_go_together(ctap, stuntkey):
    for request in (
        {3: 0},
        {1: 17},
        {2: INITIAL, 4: 17},
        {1: 17, 2: INITIAL, 3: 0},
        {1: 17, 3: 0, 4: 17},
        {1: 17, 3: 0, 5: bytes(32)},
        {1: 17, 3: 0, 6: 2},
        {2: INITIAL, 3: 0},
        {2: INITIAL, 3: 0, 4: 16},
    ):
        said = refused(ERR.INVALID_PARAMETER, lambda: send(ctap, request))
    expect(whole(ctap) == INITIAL, "another array")
    return said


@check(*FRAGMENTED)
def writes_without_a_token_where_nothing_is_protected(ctap, stuntkey):
    array = array_of(300)
    expect(ctap.large_blobs(0, set=array, length=300) == {}, "an answer with content")
    expect(whole(ctap) == array, "another array")


@check(*FRAGMENTED)
def refuses_an_array_that_is_too_large(ctap, stuntkey):
    full = LargeBlobs(ctap).max_fragment_length
    array = array_of(CAPACITY)
    for offset in range(0, CAPACITY, full):
        length = CAPACITY if offset == 0 else None
        ctap.large_blobs(offset, set=array[offset : offset + full], length=length)
    expect(whole(ctap) == array, "another array")
    said = refused(
        ERR.LARGE_BLOB_STORAGE_FULL, lambda: ctap.large_blobs(0, set=array[:full], length=CAPACITY + 1)
    )
    expect(whole(ctap) == array, "the array is gone")
    return said


@check(*FULL, "max_msg_size=1500")
def refuses_a_fragment_that_is_too_large(ctap, stuntkey):
    fragment = LargeBlobs(ctap).max_fragment_length
    expect(fragment == 1500 - 64, f"fragments of {fragment}")
    array = array_of(fragment + 1)
    said = refused(ERR.INVALID_LENGTH, lambda: ctap.large_blobs(0, set=array, length=len(array)))
    expect(whole(ctap) == INITIAL, "another array")
    return said


@check(*FRAGMENTED)
def fragments_follow_each_other(ctap, stuntkey):
    array = array_of(300)
    refused(ERR.INVALID_SEQ, lambda: ctap.large_blobs(100, set=array[100:]))
    ctap.large_blobs(0, set=array[:100], length=300)
    refused(ERR.INVALID_SEQ, lambda: ctap.large_blobs(101, set=array[101:]))
    ctap.large_blobs(0, set=array[:100], length=300)
    refused(ERR.INVALID_PARAMETER, lambda: ctap.large_blobs(100, set=array[100:], length=300))
    ctap.large_blobs(0, set=array[:100], length=300)
    ctap.large_blobs(100, set=array[100:200])
    refused(ERR.INVALID_PARAMETER, lambda: ctap.large_blobs(200, set=array[200:] + b"\0"))
    expect(whole(ctap) == INITIAL, "written")
    ctap.large_blobs(0, set=array[:250], length=300)
    ctap.large_blobs(250, set=array[250:])
    expect(whole(ctap) == array, "another array")
    return str(ERR.INVALID_SEQ)


@check(*FRAGMENTED)
def a_half_done_array_is_lost_without_power(ctap, stuntkey):
    old, new = array_of(200), array_of(300)
    ctap.large_blobs(0, set=old, length=200)
    ctap.large_blobs(0, set=new[:100], length=300)
    ctap.device.power_cycle()
    said = refused(ERR.INVALID_SEQ, lambda: ctap.large_blobs(100, set=new[100:]))
    expect(whole(ctap) == old, "another array")
    return said


@check(*FRAGMENTED)
def an_array_with_a_wrong_checksum_is_dropped(ctap, stuntkey):
    old, new = array_of(200), bytearray(array_of(300))
    ctap.large_blobs(0, set=old, length=200)
    new[-1] ^= 1
    said = refused(ERR.INTEGRITY_FAILURE, lambda: ctap.large_blobs(0, set=bytes(new), length=300))
    expect(whole(ctap) == old, "the old array is gone")
    return said


def proof(platform, token, fragment, offset=0):
    message = b"\xff" * 32 + b"\x0c\x00" + offset.to_bytes(4, "little") + sha256(fragment).digest()
    return platform.proof(token, message)


@check(*FRAGMENTED)
def writing_needs_its_permission_once_a_pin_is_set(ctap, stuntkey):
    platform = Platform(ctap)
    array = array_of(300)
    invalid = ERR.PIN_AUTH_INVALID
    refused(ERR.PUAT_REQUIRED, lambda: ctap.large_blobs(0, set=array, length=300))
    refused(ERR.MISSING_PARAMETER, lambda: ctap.large_blobs(0, set=array, length=300, pin_uv_param=bytes(32)))
    other = proof(platform, platform.token(ACFG), array)
    refused(invalid, lambda: ctap.large_blobs(0, set=array, length=300, **other))
    token = platform.token(LBW)
    refused(invalid, lambda: ctap.large_blobs(0, set=array, length=300, **proof(platform, token, array, 1)))
    expect(whole(ctap) == INITIAL, "written")
    ctap.large_blobs(0, set=array[:100], length=300, **proof(platform, token, array[:100]))
    refused(ERR.PUAT_REQUIRED, lambda: ctap.large_blobs(100, set=array[100:]))
    ctap.large_blobs(0, set=array[:100], length=300, **proof(platform, token, array[:100]))
    ctap.large_blobs(100, set=array[100:], **proof(platform, token, array[100:], 100))
    expect(whole(ctap) == array, "another array")
    return str(ERR.PUAT_REQUIRED)


@check(*FRAGMENTED, "large_blobs=1024")
def the_smallest_array_has_1024_bytes(ctap, stuntkey):
    expect(ctap.info.max_large_blob == 1024, f"maxSerializedLargeBlobArray is {ctap.info.max_large_blob}")
    return refused(ERR.LARGE_BLOB_STORAGE_FULL, lambda: ctap.large_blobs(0, set=bytes(100), length=1025))
