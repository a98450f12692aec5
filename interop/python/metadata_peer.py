"""Checks stuntkey's metadata against python-fido2's MDS3 parser. Usage: metadata_peer.py STUNTKEY"""

import json
import tempfile
from datetime import date
from importlib.metadata import version

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from fido2.attestation import InvalidSignature as InvalidChain
from fido2.attestation import UntrustedAttestation
from fido2.mds3 import MdsAttestationVerifier, MetadataStatement, filter_revoked, parse_blob
from fido2.server import Fido2Server
from harness import RP_ID, Checks, b64url, expect, from_b64url, last_bit_flipped, program_from, refusal

AAGUID = "5354554e-544b-4559-8001-000000000001"


def root_of(stuntkey, *flags):
    return x509.load_pem_x509_certificate(stuntkey.root(*flags)).public_bytes(Encoding.DER)


def blob_of(stuntkey, *flags):
    return stuntkey.metadata("--blob", *flags).strip().encode()


def reads_the_statement(stuntkey):
    text = stuntkey.metadata()
    statement = MetadataStatement.from_dict(json.loads(text))
    expect(str(statement.aaguid) == AAGUID, f"the AAGUID is {statement.aaguid}")
    expect(statement.schema == 3, "the schema is not 3")
    expect(list(statement.attestation_root_certificates) == [root_of(stuntkey)], "the root is another")


def accepts_the_blob(stuntkey, *flags):
    payload = parse_blob(blob_of(stuntkey, *flags), root_of(stuntkey, *flags))
    expect(len(payload.entries) == 1 and str(payload.entries[0].aaguid) == AAGUID, "the entry is another")


def refuses_a_changed_blob(stuntkey):
    head, signature = blob_of(stuntkey).rsplit(b".", 1)
    changed = head + b"." + b64url(last_bit_flipped(from_b64url(signature.decode()))).encode()
    refusal(lambda: parse_blob(changed, root_of(stuntkey)), InvalidSignature, "")


def refuses_the_blob_of_another_root(stuntkey):
    refusal(lambda: parse_blob(blob_of(stuntkey, "--seed", "other"), root_of(stuntkey)), InvalidChain, "")


def refuses_es256(stuntkey):
    """DEVIATION: it takes the signature for DER, which RFC 7518 §3.4 does not have."""
    refusal(lambda: parse_blob(blob_of(stuntkey, "--blob-alg", "ES256"), root_of(stuntkey)), InvalidSignature, "")


def register(stuntkey, *flags):
    verifier = MdsAttestationVerifier(parse_blob(blob_of(stuntkey), root_of(stuntkey)))
    server = Fido2Server({"id": RP_ID, "name": "Example"}, attestation="direct", verify_attestation=verifier)
    options, state = server.register_begin({"id": b"alice", "name": "alice", "displayName": "alice"})
    return server.register_complete(state, stuntkey.register(json.dumps(dict(options)), *flags))


def accepts_a_model_of_the_blob(stuntkey):
    register(stuntkey)


def refuses_a_model_that_is_not_in_the_blob(stuntkey):
    other = ["--aaguid", "00112233-4455-6677-8899-aabbccddeeff"]
    refusal(lambda: register(stuntkey, *other), UntrustedAttestation, "")


def reads_the_blobs_of_the_cases_as_they_are_meant(stuntkey):
    with tempfile.TemporaryDirectory() as directory:
        blobs = stuntkey.blobs(directory)
    root = root_of(stuntkey)
    refusal(lambda: parse_blob(blobs["forged"], root), InvalidSignature, "")
    refusal(lambda: parse_blob(blobs["of-another-authority"], root), InvalidChain, "")
    stale, current, older = (parse_blob(blobs[name], root) for name in ("stale", "current", "rolled-back"))
    expect(stale.next_update < date.today() < current.next_update, "the dates are others")
    expect(older.no < current.no, "the numbers are others")
    revoked = [entry for entry in current.entries if not filter_revoked(entry)]
    expect(len(current.entries) == 6 and len(revoked) == 1, "the statuses are others")


checks = Checks(f"python-fido2 {version('fido2')} MDS3", program_from(1, "STUNTKEY", "stuntkey"))
checks.check("reads the metadata statement", reads_the_statement)
checks.check("accepts the BLOB under the test root", accepts_the_blob)
checks.check("accepts the BLOB of a seed under its root", accepts_the_blob, "--seed", "other")
checks.check("refuses a BLOB with another signature", refuses_a_changed_blob)
checks.check("refuses a BLOB under another root", refuses_the_blob_of_another_root)
checks.deviation("refuses a BLOB signed by ES256 as RFC 7518 has it", refuses_es256)
checks.check("reads the BLOBs of the cases as they are meant", reads_the_blobs_of_the_cases_as_they_are_meant)
checks.check("accepts a registration whose model the BLOB has", accepts_a_model_of_the_blob)
checks.check("refuses a registration whose model the BLOB lacks", refuses_a_model_that_is_not_in_the_blob)
checks.finish()
