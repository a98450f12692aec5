"""Writes signatures.json: keys and signatures by OpenSSL, through pyca/cryptography 48 (OpenSSL 4.0).

    pip install cryptography==48.0.0 && python3 tests/vectors/signatures.py

Keys are made anew and PSS salts are random, so each run writes another file of the same worth.
The deterministic ECDSA and EdDSA answers of RFC 6979 and RFC 8032 are given below and checked on the way.
"""

import hashlib
import json
import pathlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, padding, rsa, utils

SAMPLE = b"sample".hex()
TEST = b"test".hex()

# RFC 6979 A.2.6 (P-384 with SHA-384) and A.2.7 (P-521 with SHA-512): x, then message, r and s.
P384 = "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5"
P521 = (
    "00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75"
    "CAA896EB32F1F47C70855836A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B83538"
)
RFC_6979 = [
    ("RFC 6979 A.2.6", "ES384", P384, SAMPLE,
     "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
     "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8"),
    ("RFC 6979 A.2.6", "ES384", P384, TEST,
     "8203B63D3C853E8D77227FB377BCF7B7B772E97892A80F36AB775D509D7A5FEB0542A7F0812998DA8F1DD3CA3CF023DB",
     "DDD0760448D42D8A43AF45AF836FCE4DE8BE06B485E9B61B827C2F13173923E06A739F040649A667BF3B828246BAA5A5"),
    ("RFC 6979 A.2.7", "ES512", P521, SAMPLE,
     "00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA",
     "00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A"),
    ("RFC 6979 A.2.7", "ES512", P521, TEST,
     "013E99020ABF5CEE7525D16B69B229652AB6BDF2AFFCAEF38773B4B7D08725F10CDB93482FDCC54EDCEE91ECA4166B2A7C6265EF0CE2BD7051B7CEF945BABD47EE6D",
     "01FBD0013C674AA79CB39849527916CE301C66EA7CE8B80682786AD60F98F7E78A19CA69EFF5C57400E3B3A0AD66CE0978214D13BAF4E9AC60752F7B155E2DE4DCE3"),
]

# RFC 8032 7.1 (TEST 1 to 3) and 7.4 (Blank, 1 octet): private key, public key, message, signature.
RFC_8032 = [
    ("RFC 8032 7.1, TEST 1", "EdDSA",
     "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("RFC 8032 7.1, TEST 2", "EdDSA",
     "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("RFC 8032 7.1, TEST 3", "EdDSA",
     "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    ("RFC 8032 7.4, Blank", "Ed448",
     "6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b",
     "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180", "",
     "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600"),
    ("RFC 8032 7.4, 1 octet", "Ed448",
     "c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e",
     "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480", "03",
     "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00"),
]

CURVES = {
    "ES256": (ec.SECP256R1(), hashes.SHA256()),
    "ES384": (ec.SECP384R1(), hashes.SHA384()),
    "ES512": (ec.SECP521R1(), hashes.SHA512()),
    "ES256K": (ec.SECP256K1(), hashes.SHA256()),
}
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
RSA_HASHES = {"1": hashes.SHA1(), "256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
# Moduli whose length in bits leaves 0, 1, 2 and 7 beside whole bytes.
RSA_BITS = [1032, 1033, 1034, 1039, 2048]
MESSAGE = b"What a relying party would have signed."


def encodings(key):
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {"pkcs8": private.hex(), "spki": public.hex()}


def ecdsa(source, algorithm, scalar, message, expected=None):
    curve, digest = CURVES[algorithm]
    key = ec.derive_private_key(scalar, curve)
    signature = key.sign(message, ec.ECDSA(digest, deterministic_signing=True))
    if expected:
        assert utils.decode_dss_signature(signature) == expected, source
    if algorithm == "ES256K":
        r, s = utils.decode_dss_signature(signature)
        signature = utils.encode_dss_signature(r, min(s, SECP256K1_ORDER - s))
    return {"source": source, "algorithm": algorithm, **encodings(key),
            "message": message.hex(), "signature": signature.hex()}


def mgf1(seed, length, name):
    mask = b""
    counter = 0
    while len(mask) < length:
        mask += hashlib.new(name, seed + counter.to_bytes(4, "big")).digest()
        counter += 1
    return mask[:length]


def salt_of(public, signature, name):
    """The salt in an RSASSA-PSS signature that OpenSSL has made (RFC 8017, 9.1.2)."""
    numbers = public.public_numbers()
    bits = numbers.n.bit_length() - 1
    encoded = pow(int.from_bytes(signature, "big"), numbers.e, numbers.n).to_bytes((bits + 7) // 8, "big")
    size = hashlib.new(name).digest_size
    masked, seed = encoded[:-size - 1], encoded[-size - 1:-1]
    block = bytes(a ^ b for a, b in zip(masked, mgf1(seed, len(masked), name)))
    return block[-size:]


def rsa_signatures(source, key):
    entries = []
    for name, digest in RSA_HASHES.items():
        entries.append({"source": source, "algorithm": f"RS{name}", **encodings(key), "message": MESSAGE.hex(),
                        "signature": key.sign(MESSAGE, padding.PKCS1v15(), digest).hex()})
        # 64 bytes of hash and of salt need a modulus of 1034 bits.
        if name == "1" or name == "512" and key.key_size < 1034:
            continue
        signature = key.sign(MESSAGE, padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH), digest)
        entries.append({"source": source, "algorithm": f"PS{name}", **encodings(key), "message": MESSAGE.hex(),
                        "signature": signature.hex(),
                        "salt": salt_of(key.public_key(), signature, f"sha{name}").hex()})
    return entries


def mersenne():
    """The key of WebAuthn Level 3, packed-rs256."""
    p, q, e = 2**1279 - 1, 2**2203 - 1, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q),
                                    rsa.rsa_crt_iqmp(p, q), rsa.RSAPublicNumbers(e, p * q))
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def main():
    entries = []
    for source, algorithm, x, message, r, s in RFC_6979:
        entries.append(ecdsa(source, algorithm, int(x, 16), bytes.fromhex(message), (int(r, 16), int(s, 16))))
    for algorithm, (curve, _) in CURVES.items():
        # A scalar with a leading zero byte too.
        for scalar in (ec.generate_private_key(curve).private_numbers().private_value, 0x1234567890ABCDEF):
            entries.append(ecdsa("OpenSSL", algorithm, scalar, MESSAGE))
    for source, algorithm, private, public, message, signature in RFC_8032:
        kind = ed25519.Ed25519PrivateKey if algorithm == "EdDSA" else ed448.Ed448PrivateKey
        key = kind.from_private_bytes(bytes.fromhex(private))
        assert key.public_key().public_bytes_raw().hex() == public, source
        assert key.sign(bytes.fromhex(message)).hex() == signature, source
        entries.append({"source": source, "algorithm": algorithm, **encodings(key),
                        "message": message, "signature": signature})
    for bits in RSA_BITS:
        entries += rsa_signatures(f"OpenSSL, {bits} bits", rsa.generate_private_key(65537, bits))
    entries += rsa_signatures("WebAuthn L3 packed-rs256", mersenne())
    for name, kind in (("44", mldsa.MLDSA44PrivateKey), ("65", mldsa.MLDSA65PrivateKey), ("87", mldsa.MLDSA87PrivateKey)):
        # OpenSSL signs with randomness of its own: keys only.
        entries.append({"source": "OpenSSL", "algorithm": f"ML-DSA-{name}", **encodings(kind.generate())})
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text("[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n")


main()
