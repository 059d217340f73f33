"""Who asks: from a client's certificate, or from a service account's token."""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from core.simulator.kubernetes.objects import Objects

Object = dict[str, Any]

AUTHENTICATED = "system:authenticated"
_BACKDATED = 5
_P256_BYTES = 32


@dataclass(frozen=True, slots=True)
class User:
    """A name with its groups."""

    name: str
    groups: tuple[str, ...] = ()


def from_certificate(peer: Mapping[str, Any] | None) -> User | None:
    """The user of a client certificate that TLS verified, as `SSLObject.getpeercert` gives it: CN, and O as groups."""
    if not peer:
        return None
    parts = [pair for group in peer.get("subject", ()) for pair in group]
    name = next((value for key, value in parts if key == "commonName"), "")
    groups = [value for key, value in parts if key == "organizationName"]
    return User(name, (*groups, AUTHENTICATED)) if name else None


def service_account(namespace: str, name: str) -> User:
    """The user that a service account is."""
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", AUTHENTICATED)
    return User(f"system:serviceaccount:{namespace}:{name}", groups)


class Tokens:
    """Signs service accounts' tokens and recognises its own: JSON web tokens by an RSA or elliptic curve key (PEM)."""

    def __init__(self, objects: Objects, key: bytes, issuer: str) -> None:
        self._objects = objects
        self._issuer = issuer
        self._key = _loaded(key) if key else None

    @property
    def available(self) -> bool:
        """Whether there is a key to sign with."""
        return self._key is not None

    def issue(self, account: Object, audiences: Sequence[str], seconds: int) -> str:
        """A token for a ServiceAccount; by default it is for this API."""
        metadata, now = account["metadata"], int(time.time())
        own = {"namespace": metadata["namespace"], "serviceaccount": {key: metadata[key] for key in ("name", "uid")}}
        claims = {
            "iss": self._issuer,
            "sub": f"system:serviceaccount:{metadata['namespace']}:{metadata['name']}",
            "aud": list(audiences) or [self._issuer],
            "iat": now - _BACKDATED,
            "nbf": now - _BACKDATED,
            "exp": now + seconds,
            "kubernetes.io": own,
        }
        signed = f"{_encoded(_header(self._key))}.{_encoded(claims)}"
        return f"{signed}.{_text(_sign(self._key, signed.encode()))}"

    def user(self, token: str) -> User | None:
        """The user of a token; None where it is not ours, over, or its account is gone."""
        claims = self._claims(token)
        if claims is None or claims["exp"] < time.time() or self._issuer not in claims["aud"]:
            return None
        own = claims["kubernetes.io"]
        live = self._objects.get("serviceaccounts", own["namespace"], own["serviceaccount"]["name"])
        if live is None or live["metadata"]["uid"] != own["serviceaccount"]["uid"]:
            return None
        return service_account(own["namespace"], own["serviceaccount"]["name"])

    def _claims(self, token: str) -> Object | None:
        signed, _, signature = token.rpartition(".")
        try:
            if self._key is None or not _verified(self._key, signed.encode(), _bytes(signature)):
                return None
            found: Object = msgspec.json.decode(_bytes(signed.partition(".")[2]))
        except (binascii.Error, msgspec.MsgspecError, ValueError):
            return None
        return found if found.get("iss") == self._issuer else None


def _loaded(key: bytes) -> PrivateKeyTypes:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(key, None)


def _header(key: Any) -> Object:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    name = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    return {"alg": name, "kid": _text(hashlib.sha256(public).digest())}


def _sign(key: Any, content: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(content, padding.PKCS1v15(), hashes.SHA256())
    pair = decode_dss_signature(key.sign(content, ec.ECDSA(hashes.SHA256())))
    return b"".join(number.to_bytes(_P256_BYTES, "big") for number in pair)


def _verified(key: Any, content: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    public = key.public_key()
    try:
        if isinstance(key, rsa.RSAPrivateKey):
            public.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
        else:
            halves = (signature[:_P256_BYTES], signature[_P256_BYTES:])
            pair = encode_dss_signature(*(int.from_bytes(half, "big") for half in halves))
            public.verify(pair, content, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _encoded(value: Object) -> str:
    return _text(msgspec.json.encode(value))


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
