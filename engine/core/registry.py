"""Name → class tables: a choice in an experiment file is the frozen class of its `kind`.

The same tables fill the menus, the file format and the error messages, so that none can lag behind.
"""

from __future__ import annotations

from typing import Any, ClassVar, get_args

import msgspec


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """One choice of an experiment; its parameters are its fields, its name is the tag `kind`.

    `label` is what people call it, `formula` what it does as people write it.
    """

    label: ClassVar[str] = ""
    formula: ClassVar[str] = ""


def named(label: str, description: str) -> msgspec.Meta:
    """Return what people call a field and what it is for, in a sentence; to stand in its annotation."""
    return msgspec.Meta(title=label, description=description)


def kind_of(choice: type[Choice] | Choice) -> str:
    """Return the name of a choice, as it stands in experiment files."""
    tag = choice.__struct_config__.tag
    assert isinstance(tag, str), "every choice carries a tag"
    return tag


def by_kind(union: Any) -> dict[str, type[Choice]]:
    """Return the table name → class for a union of choices (or a single choice), in its written order."""
    members: tuple[Any, ...] = get_args(union) or (union,)
    return {kind_of(member): member for member in members}
