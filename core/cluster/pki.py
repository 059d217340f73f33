"""A cluster's certificates: three authorities as kubeadm has them, and a table of what they sign.

Everything lives with the operator below one directory, keys in files of mode 0600. Source of names and uses:
kubernetes.io, "PKI certificates and requirements".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from core.store.keys import write_private

BACKDATED = timedelta(minutes=10)
"""Certificates begin this much earlier, so that a machine whose clock is a little behind accepts them."""

LEAF_LIFE = timedelta(days=365)
AUTHORITY_LIFE = timedelta(days=3650)

RENEW_BEFORE = timedelta(days=90)
"""A leaf is issued again by the first run that finds less than this left."""

_USES = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its private key, both PEM."""

    certificate: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a certificate shall say. `names` are its subject alternative names, DNS names and addresses mixed."""

    file: str
    authority: str
    common_name: str
    organization: str = ""
    uses: tuple[str, ...] = ("client",)
    names: tuple[str, ...] = ()


class Pki:
    """The authorities and leaves of one cluster, kept below `directory`.

    `pair` and `authority` only read; `make_authority` and `issue` write. A leaf that is missing, says something else
    than wanted, or ends soon, is not `current`.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def has_authority(self, name: str) -> bool:
        return (self.directory / f"{name}.key").exists() and (self.directory / f"{name}.crt").exists()

    def make_authority(self, name: str, common_name: str) -> None:
        """Create an authority; one that exists is kept, for everything it signed would be worth nothing."""
        if self.has_authority(name):
            return
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(common_name, "")
        certificate = (
            _builder(subject, subject, key, AUTHORITY_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_key_usage(authority=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        self._write(name, certificate, key)

    def authority(self, name: str) -> bytes:
        """The authority's certificate, PEM. Raises FileNotFoundError where it was never made."""
        return (self.directory / f"{name}.crt").read_bytes()

    def pair(self, file: str) -> Pair:
        """A leaf as it was issued. Raises FileNotFoundError where it was not."""
        path = self.directory / file
        return Pair(path.with_suffix(".crt").read_bytes(), path.with_suffix(".key").read_bytes())

    def current(self, leaf: Leaf) -> bool:
        """Whether the leaf on disk says what is wanted, is signed by today's authority, and lasts long enough."""
        try:
            certificate = x509.load_pem_x509_certificate(self.pair(leaf.file).certificate)
            authority = x509.load_pem_x509_certificate(self.authority(leaf.authority))
            certificate.verify_directly_issued_by(authority)
        except (OSError, ValueError, TypeError):
            return False
        lasting = certificate.not_valid_after_utc - datetime.now(UTC) > RENEW_BEFORE
        same = certificate.subject == _name(leaf.common_name, leaf.organization)
        return lasting and same and _names_of(certificate) == frozenset(leaf.names)

    def issue(self, leaf: Leaf) -> None:
        """Sign the leaf anew with a new key."""
        authority = x509.load_pem_x509_certificate(self.authority(leaf.authority))
        signer = serialization.load_pem_private_key((self.directory / f"{leaf.authority}.key").read_bytes(), None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _builder(_name(leaf.common_name, leaf.organization), authority.subject, key, LEAF_LIFE)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([_USES[use] for use in leaf.uses]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
                critical=False,
            )
        )
        if leaf.names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_general_name(name) for name in leaf.names]), critical=False
            )
        self._write(leaf.file, builder.sign(signer, hashes.SHA256()), key)

    def make_signing_pair(self, name: str) -> None:
        """Create a bare key pair (service account tokens); one that exists is kept."""
        if (self.directory / f"{name}.key").exists():
            return
        key = ec.generate_private_key(ec.SECP256R1())
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        write_private(self.directory / f"{name}.pub", public)
        write_private(self.directory / f"{name}.key", _pem(key))

    def secret(self, name: str) -> bytes:
        """A secret kept beside the keys. Raises FileNotFoundError where it was never made."""
        return (self.directory / name).read_bytes()

    def make_secret(self, name: str, content: bytes) -> None:
        """Keep a secret; one that exists is kept as it is."""
        if not (self.directory / name).exists():
            write_private(self.directory / name, content)

    def _write(self, file: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        path = self.directory / file
        # The key goes first: a crash between the two leaves a pair that does not match, which `current` refuses
        # only by its certificate being absent or old, so the old certificate is removed before.
        path.with_suffix(".crt").unlink(missing_ok=True)
        write_private(path.with_suffix(".key"), _pem(key))
        write_private(path.with_suffix(".crt"), certificate.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, life: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + life)
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str, organization: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organization:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(parts)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _names_of(certificate: x509.Certificate) -> frozenset[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    addresses: Sequence[object] = found.get_values_for_type(x509.IPAddress)
    return frozenset(found.get_values_for_type(x509.DNSName)) | {str(address) for address in addresses}


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
