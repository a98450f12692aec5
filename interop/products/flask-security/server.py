"""Flask-Security with WebAuthn as a first factor, over a database in a temporary folder.

Arguments: the port.
"""

import os
import sys
import tempfile

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.models import fsqla_v3 as fsqla
from flask_sqlalchemy import SQLAlchemy
from waitress import serve

PORT = int(sys.argv[1])

app = Flask(__name__)
app.config.update(
    SECRET_KEY="a secret of a test",
    SECURITY_PASSWORD_SALT="a salt of a test",
    # Passwords are not what is tested, and slow hashes take most of the time.
    SECURITY_PASSWORD_HASH="plaintext",
    SECURITY_PASSWORD_SCHEMES=["plaintext"],
    SECURITY_PASSWORD_SINGLE_HASH=["plaintext"],
    SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False, "test_environment": True},
    SECURITY_REGISTERABLE=True,
    SECURITY_USE_REGISTER_V2=True,
    SECURITY_SEND_REGISTER_EMAIL=False,
    SECURITY_WEBAUTHN=True,
    SQLALCHEMY_DATABASE_URI="sqlite:///" + os.path.join(tempfile.mkdtemp(), "db.sqlite3"),
    SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"timeout": 20}},
)
db = SQLAlchemy(app)
fsqla.FsModels.set_db_info(db)


class Role(db.Model, fsqla.FsRoleMixin):
    pass


class User(db.Model, fsqla.FsUserMixin):
    pass


class WebAuthn(db.Model, fsqla.FsWebAuthnMixin):
    pass


app.security = Security(app, SQLAlchemyUserDatastore(db, User, Role, WebAuthn))
with app.app_context():
    db.create_all()
serve(app, host="127.0.0.1", port=PORT, threads=4)
