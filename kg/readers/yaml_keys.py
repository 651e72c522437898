"""Keys that a mapping of YAML has twice, of which loaders take the last in silence."""

from __future__ import annotations

import yaml

__all__ = ["Keys"]


class Keys:
    """The keys of the mappings that are open, as the events of a YAML parser come.

    >>> keys = Keys()
    >>> list(filter(None, map(keys.repeated, yaml.parse("{a: 1, b: {a: 2}, a: 3}"))))
    ['a']
    """

    def __init__(self) -> None:
        self._open: list[set[str] | None] = []
        self._is_key: list[bool] = []

    def repeated(self, event: yaml.Event) -> str:
        """Take an event; returns the key that its mapping has already, "" for none."""
        found = ""
        if isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._is_key.pop()
            return found
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent | yaml.AliasEvent):
            return found
        if self._open and (known := self._open[-1]) is not None:
            if self._is_key[-1] and isinstance(event, yaml.ScalarEvent):
                found = event.value if event.value in known else ""
                known.add(event.value)
            self._is_key[-1] = not self._is_key[-1]
        if isinstance(event, yaml.CollectionStartEvent):
            self._open.append(set() if isinstance(event, yaml.MappingStartEvent) else None)
            self._is_key.append(True)
        return found
