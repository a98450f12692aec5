"""Every snippet of the README, as it would be pasted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import stuntkey

README = (Path(__file__).resolve().parents[1] / "README.md").read_text()
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)
TESTS = [snippet for snippet in SNIPPETS if "def test_" in snippet]


def test_the_tests_pass(pytester: pytest.Pytester) -> None:
    assert len(TESTS) == len(SNIPPETS) - 1
    for number, snippet in enumerate(TESTS):
        pytester.path.joinpath(f"test_{number}.py").write_text(snippet)
    result = pytester.runpytest_subprocess("--strict-markers", "-v")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*::test_refuses_another_origin[[]client-data/origin/subdomain[]] PASSED*"])


def test_the_locustfile_has_a_user(pytester: pytest.Pytester) -> None:
    (snippet,) = set(SNIPPETS) - set(TESTS)
    pytester.path.joinpath("locustfile.py").write_text(snippet)
    result = pytester.run("locust", "--list", "-f", "locustfile.py")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*Visitor"])


def test_what_it_says_of_the_build_holds() -> None:
    count = re.search(r"one of (\d+) faults", README.replace("\n", " "))
    assert count is not None
    assert int(count[1]) == len(stuntkey.faults())
    formats = next(setting.values for setting in stuntkey.settings() if setting.name == "attestation.format")
    (sentence,) = re.findall(r"^The formats are [^:]*:", README, flags=re.MULTILINE)
    assert set(re.findall("`([^`]+)`", sentence)) == set(formats)


def test_what_it_says_of_errors_holds(passkey: stuntkey.Authenticator, relying_party: stuntkey.RelyingParty) -> None:
    (text,) = re.findall(r"^```text\nstuntkey.Error: (.*?)\n```$", README, flags=re.DOTALL | re.MULTILINE)
    with pytest.raises(stuntkey.Error) as refused:
        passkey.at(relying_party.origin).get(relying_party.begin_login())
    assert str(refused.value) == text
