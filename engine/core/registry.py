"""The choices of an experiment: each is a frozen class, which files name by its `kind`.

File format, forms and error messages are read from these classes, so that none can lag behind.
"""

from __future__ import annotations

from typing import ClassVar

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
