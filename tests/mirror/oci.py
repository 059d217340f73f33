"""Write a root file system as an OCI image layout with a single layer."""

from __future__ import annotations

import gzip
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

from tests.mirror import store

Json = dict[str, Any]
MEDIA = "application/vnd.oci.image"


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Strip what differs between builds, so that equal contents have equal digests."""
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def _write_layer(rootfs: Path, tar: Path, packed: Path) -> None:
    """Write the layer's tar and, beside it, the fast compressed form that is pushed."""
    with tarfile.open(tar, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(rootfs.rglob("*")):
            archive.add(path, str(path.relative_to(rootfs)), recursive=False, filter=_plain)
    with (
        tar.open("rb") as source,
        packed.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1, mtime=0, filename="") as target,
    ):
        shutil.copyfileobj(source, target, 1 << 20)


def _adopt(layout: Path, file: Path, kind: str) -> Json:
    """Move a file among the blobs and return its descriptor."""
    digest, size = store.digest_of(file), file.stat().st_size
    file.rename(layout / "blobs/sha256" / digest)
    return {"mediaType": f"{MEDIA}.{kind}", "digest": f"sha256:{digest}", "size": size}


def _adopt_json(layout: Path, content: Json, kind: str) -> Json:
    """Store a document among the blobs and return its descriptor."""
    file = layout / "document"
    file.write_text(json.dumps(content, sort_keys=True))
    return _adopt(layout, file, kind)


def write_layout(rootfs: Path, layout: Path, tag: str, settings: Json) -> None:
    """Turn a root file system and the image's settings (command, environment) into a layout."""
    (layout / "blobs/sha256").mkdir(parents=True)
    tar, packed = layout / "layer.tar", layout / "layer.tar.gz"
    _write_layer(rootfs, tar, packed)
    contents = {"type": "layers", "diff_ids": [f"sha256:{store.digest_of(tar)}"]}
    tar.unlink()
    config = {"architecture": "amd64", "os": "linux", "config": settings, "rootfs": contents}
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{MEDIA}.manifest.v1+json",
        "config": _adopt_json(layout, config, "config.v1+json"),
        "layers": [_adopt(layout, packed, "layer.v1.tar+gzip")],
    }
    entry = _adopt_json(layout, manifest, "manifest.v1+json")
    entry["annotations"] = {"org.opencontainers.image.ref.name": tag}
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    (layout / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))
