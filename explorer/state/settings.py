"""One setting of a page: what it may be, what it is called, and how an address says it.

A setting is a field of a dataclass (:class:`explorer.state.PageState`), made here; everything that
is known of it stands in the field's metadata.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Spelling:
    """How an address says a setting for which its own name and value are not the words.

    Attributes:
        words: the query parameters that belong to it.
        read: the value that they stand for; not to be trusted.
        write: value to those words that an address needs.
    """

    words: tuple[str, ...]
    read: Callable[[Mapping[str, object]], object]
    write: Callable[[Any], Mapping[str, str]]


def choice(
    default: str,
    options: Mapping[str, str] | Callable[[], Mapping[str, str]],
    label: str,
    help: str = "",
    *,
    shared: bool = False,
    accepts: Callable[[str], bool] | None = None,
    spelling: Spelling | None = None,
) -> Any:
    """A setting that is one of ``options`` (value to the label shown).

    One that is ``shared`` is in force on every page that has a setting of its name. Where options
    come and go they are a function, and ``accepts`` says whether a value stands for one.
    """
    meta: dict[str, Any] = {"label": label, "help": help, "shared": shared, "accepts": accepts}
    meta["spelling"] = spelling
    if callable(options):
        return field(default=default, metadata={**meta, "options": options})
    known = dict(options)
    return field(
        default=default,
        metadata={**meta, "options": lambda: known, "accepts": accepts or known.__contains__},
    )


def whole(default: int, low: int, high: int, label: str, help: str = "") -> Any:
    """A setting that is a whole number from ``low`` to ``high``, both included."""
    return field(default=default, metadata={"low": low, "high": high, "label": label, "help": help})


def like(state: type[Any], name: str) -> Any:
    """The setting ``name`` of another page, here once more."""
    twin = state.__dataclass_fields__[name]
    return field(default=twin.default, metadata=twin.metadata)


def spelling_of(spec: Any) -> Spelling:
    """How an address says a setting: by its name, unless the setting says otherwise."""
    name = spec.name
    return spec.metadata.get("spelling") or Spelling(
        (name,), lambda said: said.get(name), lambda value: {name: str(value)}
    )


def clean(spec: Any, said: object) -> Any:
    """What ``said`` means for a field: allow-listed, clamped, or the default."""
    if accepts := spec.metadata.get("accepts"):
        return said if isinstance(said, str) and accepts(said) else spec.default
    text = str(said)
    if not (text.isascii() and text.removeprefix("-").isdecimal() and len(text) <= 9):
        return spec.default
    return min(max(int(text), spec.metadata["low"]), spec.metadata["high"])
