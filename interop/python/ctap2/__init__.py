"""Checks of stuntkey's authenticator by python-fido2's CTAP2 client: a module for each subject."""
