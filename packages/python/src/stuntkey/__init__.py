"""stuntkey: a software FIDO2 authenticator with the browser around it, for tests of anything that takes passkeys.

```
key = stuntkey.Authenticator()
page = key.at("https://login.example.com")
registration = page.create(options)      # what the server sent
post(registration.body)                  # what the server gets
```
"""

from ._about import Build, Model, Setting, attestation_root, build, inspect, models, settings
from ._authenticator import Authenticator, Client, Page
from ._ceremony import (
    Authentication,
    AuthenticationResponseJSON,
    Notice,
    Registration,
    RegistrationResponseJSON,
)
from ._credentials import AddedCredential, Credential, Credentials
from ._error import Error, VerificationError
from ._faults import Fault, faults
from ._options import AuthenticatorOptions, ClientOptions, User
from ._policy import Policy
from ._verify import (
    CredentialRecord,
    VerifiedAuthentication,
    VerifiedRegistration,
    verify_authentication,
    verify_registration,
)
from .relying_party import RelyingParty

__all__ = [
    "AddedCredential",
    "Authentication",
    "AuthenticationResponseJSON",
    "Authenticator",
    "AuthenticatorOptions",
    "Build",
    "Client",
    "ClientOptions",
    "Credential",
    "CredentialRecord",
    "Credentials",
    "Error",
    "Fault",
    "Model",
    "Notice",
    "Page",
    "Policy",
    "Registration",
    "RegistrationResponseJSON",
    "RelyingParty",
    "Setting",
    "User",
    "VerificationError",
    "VerifiedAuthentication",
    "VerifiedRegistration",
    "attestation_root",
    "build",
    "faults",
    "inspect",
    "models",
    "settings",
    "verify_authentication",
    "verify_registration",
]
__version__ = "0.1.0"
