"""The plugin, as a project's tests see it."""

from __future__ import annotations

import pytest


def test_faults_are_parameters_with_readable_ids(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest, stuntkey

        @pytest.mark.parametrize("fault", stuntkey.faults("registration", id="tpm/ver"))
        def test_refused(fault, passkey, relying_party):
            reply = passkey.at(relying_party.origin).create(relying_party.begin_registration(), fault=fault)
            with pytest.raises(stuntkey.VerificationError, match=fault.id.rpartition("/")[0]):
                relying_party.finish_registration(reply)
        """
    )
    result = pytester.runpytest_subprocess("-v")
    result.stdout.fnmatch_lines(["*::test_refused[[]tpm/ver/1.2[]] PASSED*"])
    assert result.ret == 0


def test_markers_say_what_the_fixtures_are_made_of(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest, stuntkey

        @pytest.mark.passkey("security_key_ctap2_1", pin="1234")
        @pytest.mark.relying_party(origin="https://id.example.org", rp_id="example.org")
        def test_made(passkey, relying_party):
            page = passkey.at("https://id.example.org")
            reply = page.create(relying_party.begin_registration())
            assert reply.response["authenticatorAttachment"] == "cross-platform"
            assert relying_party.finish_registration(reply)
        """
    )
    result = pytester.runpytest_subprocess("--strict-markers")
    result.assert_outcomes(passed=1)


def test_a_failure_shows_the_hint(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_empty(passkey, relying_party):
            passkey.at(relying_party.origin).get(relying_party.begin_login())
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *NotAllowedError: no discoverable credential*", "E *hint: register a credential*"])
