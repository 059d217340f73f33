"""An entry of the catalogue: an application that is known by name, with what may be chosen about it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from core.model.base import Declared, Flag, Whole, refusal
from core.model.container import ParameterValue
from core.model.container_port import PortNumber
from core.model.image import ImageReference
from core.model.template import Values, filled
from core.model.text import DnsLabel, Line

ParameterKind = Literal["text", "number", "flag", "choice", "secret", "application"]
ParameterName = DnsLabel


class Undescribed(Exception):
    """An entry cannot say what its container is, with a sentence."""


class Parameter(Declared):
    """Something that may be chosen about an application.

    One without a `default` must be given, a secret apart: that one is generated. `pattern` is a regular expression for
    all of a text, `least` and `most` bound a number. An `application` names another one, `component/application` or
    one of the same component, which has the entry `entry`.
    """

    kind: ParameterKind = Field("text", description="one of text, number, flag, choice, secret, application")
    title: Line = Field(description="a few words")
    help: Line = Field(description="what the value is for, and which are allowed")
    default: ParameterValue | None = Field(None, description="the value where none is given")
    pattern: str | None = Field(None, description="a regular expression")
    choices: tuple[str, ...] = Field((), description="a list of texts")
    least: Whole = Field(0, description="a whole number")
    most: Whole = Field(2**31, description="a whole number")
    entry: DnsLabel | None = None

    @model_validator(mode="after")
    def _fitting(self) -> Parameter:
        if self.kind == "choice" and not self.choices:
            raise refusal("a choice with its `choices`")
        return self

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is None and self.kind != "secret"


class Report(Declared):
    """What a person is told when the application runs: `text` with `{address}` for each endpoint of the port."""

    port: PortNumber
    text: Line = Field("{address}", description="a text with `{address}`")


class BundledPod(Declared):
    """A pod of an entry that needs several: its name comes behind that of the whole."""

    name: DnsLabel
    replicas: Whole = Field(1, ge=0, le=10000, description="a whole number from 0 to 10000")
    labels: dict[str, str] = Field(default_factory=dict, description="a mapping of label to text")
    entry: DnsLabel
    parameters: dict[ParameterName, ParameterValue] = Field(
        default_factory=dict, description="a mapping of the entry's parameters to their values"
    )


class Entry(Declared):
    """An application of the catalogue.

    `image` is pinned by tag; `predecessor` is the image that the original suite had, where that one is dead, and
    `note` says what took its place. `application` is an application of a document without name, image and catalogue,
    in which `${PARAMETER}` stands for a parameter's value. An entry with `pods` is several pods and no application.
    """

    id: DnsLabel
    title: Line = Field(description="the name that people know it by")
    category: Line = Field(description="one word or two, as Databases")
    tags: tuple[Line, ...] = Field(description="a list of words")
    description: Line = Field(description="one sentence")
    licence: Line = Field(description="the licence of what is in the image")
    image: ImageReference = Field("", description="an image reference, as nginx:1.29")
    predecessor: Line | None = Field(None, description="the image that it takes the place of")
    note: Line | None = Field(None, description="one sentence")
    parameters: dict[ParameterName, Parameter] = Field(
        default_factory=dict, description="a mapping of name to parameter"
    )
    application: dict[str, Any] = Field(default_factory=dict, description="the fields of an application")
    reports: tuple[Report, ...] = Field((), description="a list of `{port: PORT, text: TEXT}`")
    pods: tuple[BundledPod, ...] = Field((), description="a list of pods")
    listed: Flag = Field(True, description="true or false")

    def template(self, values: Values) -> dict[str, Any]:
        """The fields of an application with these parameters, all of which are given.

        Raises:
            Undescribed: the entry is a program, and it fails.
        """
        found: dict[str, Any] = filled(self.application, values)
        return found

    @property
    def needed(self) -> dict[str, str]:
        """The entries of other applications that this one cannot do without, by parameter."""
        return {name: one.entry for name, one in self.parameters.items() if one.entry and one.required}
