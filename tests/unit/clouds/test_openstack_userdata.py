"""What a server is told at its first boot, and what it boots from."""

from __future__ import annotations

import base64
import json

import yaml

from core.clouds.choices import CloudChoices, Flavor, Image, Quota
from core.clouds.openstack.userdata import IDENTITY_FILE, LARGEST, Newcomer, cloud_config, encoded
from core.clouds.openstack.volumes import boot_source
from core.model.provider import OpenStack


def newcomer(user: str = "root") -> Newcomer:
    return Newcomer("kube-1", user, "PRIVATE\nKEY\n", "ssh-ed25519 HOST", "ssh-ed25519 ME\n", {"machine": "kube-1"})


def test_root_may_log_in_with_our_key_and_shows_the_host_key_we_gave() -> None:
    text = cloud_config(newcomer())
    assert text.startswith("#cloud-config\n")
    said = yaml.safe_load(text)
    assert said["users"] == [{"name": "root", "ssh_authorized_keys": ["ssh-ed25519 ME"]}]
    assert said["ssh_keys"] == {"ed25519_private": "PRIVATE\nKEY\n", "ed25519_public": "ssh-ed25519 HOST"}
    assert (said["disable_root"], said["ssh_pwauth"], said["ssh_deletekeys"], said["hostname"]) == (
        False, False, True, "kube-1",
    )  # fmt: skip


def test_another_user_becomes_root_without_a_password_and_root_stays_closed() -> None:
    said = yaml.safe_load(cloud_config(newcomer("ops")))
    (user,) = said["users"]
    assert (user["name"], user["sudo"], user["lock_passwd"]) == ("ops", "ALL=(ALL) NOPASSWD:ALL", True)
    assert said["disable_root"] is True


def test_a_machine_finds_who_it_is() -> None:
    (file,) = yaml.safe_load(cloud_config(newcomer()))["write_files"]
    assert file["path"] == IDENTITY_FILE
    assert json.loads(file["content"]) == {"machine": "kube-1"}


def test_it_is_encoded_as_nova_takes_it() -> None:
    text = cloud_config(newcomer())
    assert base64.b64decode(encoded(text)).decode() == text
    assert len(encoded(text)) < LARGEST


def test_a_server_boots_from_its_image_or_from_a_volume_that_ends_with_it() -> None:
    plain = OpenStack(cloud="c")
    assert boot_source(plain, "id") == {"image_id": "id"}
    volume = plain.model_copy(update={"boot_volume": 40, "volume_type": "fast"})
    (device,) = boot_source(volume, "id")["block_device_mapping"]
    assert (device["uuid"], device["volume_size"], device["volume_type"]) == ("id", 40, "fast")
    assert device["delete_on_termination"] is True


def test_forms_offer_what_fits_and_show_how_full_the_project_is() -> None:
    flavors = (Flavor("0", "tiny", 1, 512, 1), Flavor("1", "small", 1, 2048, 20))
    quotas = (Quota("servers", 5, 10), Quota("ports", 3, None), Quota("routers", 0, 0))
    choices = CloudChoices(flavors, (), (), (), (), (), quotas)
    assert [one.name for one in choices.fitting_flavors()] == ["small"]
    assert [(one.free, one.share) for one in quotas] == [(5, 0.5), (None, 0.0), (0, 1.0)]
    servers = choices.quota("servers")
    assert servers is not None and servers.used == 5


def test_images_are_found_by_name_and_by_what_their_publisher_says() -> None:
    image = Image("1", "Debian 12 (bookworm)", properties=(("os_distro", "debian"), ("os_version", "12")))
    assert image.matches("debian 12")
    assert image.matches("os_distro=debian book")
    assert not image.matches("os_distro=ubuntu")
