"""`stuntkey device` before python-fido2: a key in a process of its own, by each way to it."""
