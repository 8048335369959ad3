"""Secrets that must be read again are stored encrypted, under keys derived from the secret key of the deployment."""

import base64

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def shut(text: str, about: str) -> str:
    """Encrypt a secret before it is stored.

    Args:
        text: the secret.
        about: what secrets it is one of; each has a key of its own.
    """
    return _fernet(about).encrypt(text.encode()).decode()


def opened(encrypted: str, about: str) -> str:
    """Give a stored secret back."""
    return _fernet(about).decrypt(encrypted.encode()).decode()


def _fernet(about: str) -> MultiFernet:
    return MultiFernet([_key(str(secret), about) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str, about: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), length=32, salt=None, info=about.encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
