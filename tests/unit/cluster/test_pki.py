"""The cluster's certificates: signed by the right authority, kept private, issued again only when needed."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from core.cluster.certificates import cluster_leaves, make_authorities, missing_authorities, stale
from core.cluster.pki import Leaf, Pki

SERVER = Leaf("apiserver", "ca", "kube-apiserver", uses=("server",), names=("kube-1", "10.0.0.1", "::1"))


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    found = Pki(tmp_path / "keys")
    make_authorities(found)
    return found


def test_a_new_cluster_misses_everything_and_nothing_after_it_was_made(tmp_path: Path) -> None:
    pki = Pki(tmp_path)
    assert set(missing_authorities(pki)) == {"ca", "etcd-ca", "front-proxy-ca", "sa.key", "encryption.yaml"}
    make_authorities(pki)
    assert missing_authorities(pki) == []


def test_an_authority_is_never_made_twice(pki: Pki) -> None:
    before = pki.authority("ca")
    make_authorities(pki)
    assert pki.authority("ca") == before


def test_a_leaf_names_everything_it_is_reached_by(pki: Pki) -> None:
    pki.issue(SERVER)
    certificate = x509.load_pem_x509_certificate(pki.pair("apiserver").certificate)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["kube-1"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.1", "::1"]
    uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(uses) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_a_certificate_begins_before_now_so_that_a_slow_clock_accepts_it(pki: Pki) -> None:
    pki.issue(SERVER)
    certificate = x509.load_pem_x509_certificate(pki.pair("apiserver").certificate)
    assert (datetime.now(UTC) - certificate.not_valid_before_utc).total_seconds() >= 600


@pytest.mark.parametrize(
    "changed",
    [
        replace(SERVER, names=("kube-1", "10.0.0.2", "::1")),
        replace(SERVER, common_name="someone-else"),
        replace(SERVER, organization="system:masters"),
        replace(SERVER, authority="etcd-ca"),
    ],
)
def test_a_leaf_that_should_say_something_else_is_not_current(pki: Pki, changed: Leaf) -> None:
    pki.issue(SERVER)
    assert pki.current(SERVER)
    assert not pki.current(changed)


def test_a_leaf_whose_file_was_cut_is_not_current(pki: Pki) -> None:
    pki.issue(SERVER)
    path = pki.directory / "apiserver.crt"
    path.write_bytes(path.read_bytes()[:100])
    assert not pki.current(SERVER)


def test_every_cluster_leaf_is_issued_once(pki: Pki) -> None:
    assert stale(pki, cluster_leaves()) == list(cluster_leaves())
    for leaf in cluster_leaves():
        pki.issue(leaf)
    assert stale(pki, cluster_leaves()) == []


def test_no_file_of_the_pki_can_be_read_by_others(pki: Pki) -> None:
    pki.issue(SERVER)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in pki.directory.iterdir()}
    assert set(modes.values()) == {0o600}


def test_only_the_break_glass_certificate_is_in_the_masters_group() -> None:
    assert [leaf.file for leaf in cluster_leaves() if leaf.organization == "system:masters"] == ["super-admin"]
