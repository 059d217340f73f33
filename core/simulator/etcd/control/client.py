"""The way from an etcdctl to a member: endpoints, certificates, and the user that a certificate names."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

from core.simulator.etcd import words
from core.simulator.etcd.control.options import Misused, Options
from core.simulator.etcd.ensemble import Ensemble
from core.simulator.etcd.keys import Range
from core.simulator.etcd.member import Member
from core.simulator.etcd.words import EtcdError, TimedOut


class Files(Protocol):
    """A machine's files."""

    def read(self, path: str) -> bytes | None:
        """A file's content, None where there is none."""


class Machine(Protocol):
    """Where etcdctl runs."""

    @property
    def address(self) -> str:
        """Its own address."""

    @property
    def files(self) -> Files:
        """Its files."""


class World(Protocol):
    """Where the clusters are."""

    @property
    def ensembles(self) -> MutableMapping[str, Ensemble]:
        """Every etcd cluster."""

    @property
    def pace(self) -> float:
        """How much everything is stretched that takes time."""


@dataclass(frozen=True, slots=True)
class Client:
    """One etcdctl with its certificate."""

    world: World
    machine: Machine
    options: Options

    @property
    def user(self) -> str:
        """Whom the certificate names. Raises `Misused` where there is none."""
        return _common_name(self._file("cert"))

    def reach(self, endpoint: str) -> tuple[Ensemble, Member]:
        """Who answers at an endpoint. Raises `TimedOut` where nobody does, or one side does not trust the other."""
        address = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}").hostname or ""
        address = self.machine.address if address in ("127.0.0.1", "localhost") else address
        for ensemble in self.world.ensembles.values():
            member = ensemble.at(address)
            if member is not None and self._trusted(member):
                return ensemble, member
        raise TimedOut(words.DEADLINE)

    def ask(self) -> tuple[Ensemble, Member]:
        """The first endpoint that answers, for what needs the whole cluster's agreement.

        Raises:
            TimedOut: there is none, or no quorum.
            EtcdError: it is a learner.
        """
        ensemble, member = self._first()
        if member.learner:
            raise EtcdError(words.LEARNER_ASKED)
        ensemble.agree()
        return ensemble, member

    def administer(self) -> tuple[Ensemble, Member]:
        """As `ask`, for what only an administrator may do."""
        ensemble, member = self.ask()
        ensemble.access.need_administrator(self.user)
        return ensemble, member

    def use(self, keys: Range, *, write: bool) -> tuple[Ensemble, Member]:
        """As `ask`, for reading or writing keys."""
        ensemble, member = self.ask()
        ensemble.access.need(self.user, keys, write=write)
        return ensemble, member

    def _first(self) -> tuple[Ensemble, Member]:
        for endpoint in self.options.endpoints:
            try:
                return self.reach(endpoint)
            except TimedOut:
                continue
        raise TimedOut(words.DEADLINE)

    def _trusted(self, member: Member) -> bool:
        process = member.process
        assert process is not None
        self._file("key")
        mine, theirs = self._file("cert"), process.certificate
        return _issued(mine, process.authority) and _issued(theirs, self._file("cacert"))

    def _file(self, flag: str) -> bytes:
        path = self.options.flags.get(flag, "")
        content = self.machine.files.read(path) if path else b""
        if content is None:
            raise Misused(f"open {path}: no such file or directory")
        return content


@lru_cache(maxsize=512)
def _common_name(certificate: bytes) -> str:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    names = x509.load_pem_x509_certificate(certificate).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


@lru_cache(maxsize=4096)
def _issued(certificate: bytes, authority: bytes) -> bool:
    """Whether the authority signed the certificate (both PEM)."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    try:
        issuer = x509.load_pem_x509_certificate(authority)
        x509.load_pem_x509_certificate(certificate).verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
