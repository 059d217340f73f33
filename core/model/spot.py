"""What the models say about a path of a document: which model owns it, and which values it allows."""

from __future__ import annotations

from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.model.base import Path


@dataclass(frozen=True, slots=True)
class Spot:
    """The end of a path.

    `owner` is the model that the last part is a field of, None where it is an item of a list or a mapping. `field`
    is None where the owner has no such field. `allowed` says which values the models allow here, `key_allowed` which
    names, where those of a mapping are the document's own.
    """

    owner: type[BaseModel] | None
    field: FieldInfo | None
    allowed: str
    key_allowed: str = ""


def spot(root: type[BaseModel], data: Any, path: Path) -> Spot:
    """Follow a path through the models, telling the members of a union apart by the data's `kind`."""
    here = Spot(None, None, "a mapping")
    hint: Any = root
    for part in path:
        hint, here = _follow(hint, here, part)
        data = _item(data, part)
        hint, described = _plain(hint, data)
        allowed = (here.field.description if here.field else None) or described or here.allowed
        here = Spot(here.owner, here.field, allowed, _key_allowed(hint))
    return here


def kinds(root: type[BaseModel], data: Any, path: Path) -> list[str]:
    """The values of `kind` that the union at this path knows, none where there is no union."""
    hint: Any = root
    for part in path:
        hint, _ = _follow(_plain(hint, data)[0], Spot(None, None, ""), part)
        data = _item(data, part)
    return [kind for member in _members(hint) if (kind := _kind(member)) is not None]


def _follow(hint: Any, here: Spot, part: str | int) -> tuple[Any, Spot]:
    """The hint of one part further on."""
    if model := _model(hint):
        field = model.model_fields.get(str(part))
        return (field.annotation if field else None), Spot(model, field, here.allowed)
    inner = [one for one in get_args(hint) if one is not Ellipsis]
    return (inner[-1] if inner else None), Spot(None, None, here.allowed)


def _plain(hint: Any, data: Any) -> tuple[Any, str]:
    """The hint without its annotations, its union decided, and what those annotations described."""
    described = ""
    if get_origin(hint) is Annotated:
        described = next((one.description for one in hint.__metadata__ if getattr(one, "description", None)), "")
        hint = hint.__origin__
    if get_origin(hint) not in (Union, UnionType):
        return hint, described
    members = [one for one in get_args(hint) if one is not NoneType]
    if len(members) == 1:
        inner, more = _plain(members[0], data)
        return inner, described or more
    wanted = data.get("kind") if isinstance(data, dict) else None
    return next((one for one in members if _kind(one) == wanted), None), described


def _key_allowed(hint: Any) -> str:
    return _plain(get_args(hint)[0], None)[1] if get_origin(hint) is dict else ""


def _members(hint: Any) -> list[Any]:
    if get_origin(hint) is Annotated:
        return _members(hint.__origin__)
    if get_origin(hint) in (Union, UnionType):
        return [found for one in get_args(hint) for found in _members(one)]
    return [hint]


def _kind(member: Any) -> str | None:
    model = _model(member)
    field = model.model_fields.get("kind") if model else None
    return str(get_args(field.annotation)[0]) if field else None


def _model(hint: Any) -> type[BaseModel] | None:
    return hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None


def _item(data: Any, part: str | int) -> Any:
    try:
        return data[part]
    except (KeyError, IndexError, TypeError):
        return None
