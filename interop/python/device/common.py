"""How a check of a key is declared, and the options that several have."""

from pathlib import Path

from ctap2.common import sentence_of


class Subject(list):
    """The checks of one module. Each function is one, and its name a sentence."""

    def check(self, *options):
        """Takes a function `body(key)`, for a fresh key with these options of `stuntkey device`."""

        def take(body):
            self.append((sentence_of(body.__name__), body, options))
            return body

        return take


# The user is there, and does nothing.
WAITS = ("--user", "none")
# A key with a PIN that verifies its user by itself, nobody having to enrol a finger first, and that is reset in the two
# seconds after the power came alone.
BUILT_IN = ("--model", str(Path(__file__).with_name("built_in.json")))
