"""What forms offer of a cloud: typed values, filled from the cloud, with the quotas as bars."""

from __future__ import annotations

from dataclasses import dataclass

MIN_VCPUS, MIN_RAM, MIN_DISK = 1, 1024, 10
"""The least that a machine needs: processors, MiB of memory, GiB of disk."""


@dataclass(frozen=True, slots=True)
class Flavor:
    """A size of server; `ram` in MiB, `disk` in GiB, 0 where it is the volume's to say."""

    id: str
    name: str
    vcpus: int
    ram: int
    disk: int
    created: str = ""

    def shortfall(self, volume: int | None = None) -> str:
        """What it is too small in, empty where it fits; with a boot `volume` (GiB) its own disk does not count."""
        disk = volume if volume is not None else self.disk
        lacking = [
            f"{has} {unit} of {least}"
            for has, least, unit in (
                (self.vcpus, MIN_VCPUS, "vCPUs"),
                (self.ram, MIN_RAM, "MiB of memory"),
                (disk, MIN_DISK, "GiB of disk"),
            )
            if has < least
        ]
        return ", ".join(lacking)


@dataclass(frozen=True, slots=True)
class Image:
    """An image; `min_disk` in GiB, `min_ram` in MiB, `size` in bytes, `properties` as its publisher set them."""

    id: str
    name: str
    min_disk: int = 0
    min_ram: int = 0
    size: int = 0
    created: str = ""
    properties: tuple[tuple[str, str], ...] = ()

    def matches(self, words: str) -> bool:
        """Whether each word is in its name, or is `KEY=VALUE` of its properties."""
        known = {f"{key}={value}".lower() for key, value in self.properties}
        return all(word in self.name.lower() or word in known for word in words.lower().split())


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit of the project with what is used of it; `limit` is None where there is none."""

    name: str
    used: int
    limit: int | None

    @property
    def free(self) -> int | None:
        """How many are left, None for any number."""
        return None if self.limit is None else max(0, self.limit - self.used)

    @property
    def share(self) -> float:
        """How full it is, from 0 to 1."""
        return min(1.0, self.used / self.limit) if self.limit else float(self.limit == 0)


@dataclass(frozen=True, slots=True)
class CloudChoices:
    """Everything that a form for a cloud's environment can offer; networks by name."""

    flavors: tuple[Flavor, ...]
    images: tuple[Image, ...]
    key_pairs: tuple[str, ...]
    zones: tuple[str, ...]
    networks: tuple[str, ...]
    external_networks: tuple[str, ...]
    quotas: tuple[Quota, ...]

    def fitting_flavors(self) -> tuple[Flavor, ...]:
        """The flavors that are large enough for a machine, the smallest first."""
        return tuple(one for one in self.flavors if not one.shortfall())

    def quota(self, name: str) -> Quota | None:
        """The quota of this name."""
        return next((one for one in self.quotas if one.name == name), None)
