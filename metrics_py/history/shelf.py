"""The folder of the history: one entry per publish, never changed once it is there.

```
history/objects/<sha256>.parquet              the values, evidence, records and so on of a publish, each content once
history/publishes/<number>-<as_of>-<id>/      publish.json, changes.parquet, restatements.parquet
history/rebuilds/<as_of>-<id>/                publish.json of a build for a past day: to compare with, never published
```
Files are written beside and renamed into place, the entry last of all. So a stop at any moment leaves whole entries
only, and the same publish afterwards ends with what an undisturbed one gives.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from metrics_py.errors import WarehouseError
from metrics_py.files import flush, workshop

CHANGES = "changes.parquet"
RESTATEMENTS = "restatements.parquet"

_FACTS = "publish.json"
_OBJECTS = "objects"
_PUBLISHES = "publishes"
_REBUILDS = "rebuilds"


@dataclass(frozen=True)
class Publish:
    """One entry of the history."""

    folder: Path
    facts: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Start of the SHA-256 of what was published: values, evidence, definitions, seeds and code."""
        return str(self.facts["id"])

    @property
    def number(self) -> int | None:
        """1, 2, 3 ... in the order of publishing; null for a rebuild of a past day."""
        number = self.facts["number"]
        return None if number is None else int(number)

    @property
    def as_of(self) -> datetime:
        """The instant that was looked from, UTC without zone."""
        return datetime.fromisoformat(self.facts["as_of"]).astimezone(UTC).replace(tzinfo=None)

    def named(self, name: str) -> Path:
        """A file of the entry, or one of its objects: values, evidence, records, weights, extracts.

        Raises: WarehouseError when it is gone.
        """
        digest = self.facts["objects"].get(name)
        return self._found(self._object(digest) if digest else self.folder / name)

    @property
    def landed(self) -> Sequence[Path]:
        """The objects that together hold the raw records; none in an entry of before they had objects of their own.

        Raises: WarehouseError when one is gone.
        """
        return [self._found(self._object(digest)) for digest in self.facts["objects"].get("landed", ())]

    def _object(self, digest: str) -> Path:
        return self.folder.parents[1] / _OBJECTS / f"{digest}.parquet"

    def _found(self, path: Path) -> Path:
        if not path.is_file():
            raise WarehouseError(
                f"the history misses {path}, which the publish of {self.facts['as_of']} needs; put it back from a "
                f"copy, or move {self.folder} away and run `metrics-py build --as-of {self.facts['as_of']}`"
            )
        return path

    def __str__(self) -> str:
        kind = "rebuilt afterwards" if self.number is None else f"publish {self.number}"
        return f"{self.facts['as_of']} ({kind}, id {self.id})"


class History:
    """The entries in a folder, which need not exist yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def publishes(self) -> list[Publish]:
        """What was published, oldest first."""
        return self._entries(_PUBLISHES)

    def newest(self) -> Publish | None:
        """What was published last; None before anything was."""
        return next(reversed(self.publishes()), None)

    def rebuilds(self) -> list[Publish]:
        """What builds for past days gave, by as_of."""
        return self._entries(_REBUILDS)

    def find(self, moment: datetime) -> Publish:
        """What was published from the newest extract up to an instant (UTC, without zone); else a rebuild of it.

        Raises: WarehouseError when neither is there; the message names the nearest ones and how to make it.
        """
        publishes = self.publishes()
        if not publishes:
            raise WarehouseError(f"nothing was published yet ({self.folder} is empty); run `metrics-py build` first")
        known = [*self.rebuilds(), *publishes]
        looked_from = _newest_extract(publishes[-1], moment)
        found = [entry for entry in known if entry.as_of == looked_from]
        if found:
            return found[-1]
        before = max((entry for entry in known if entry.as_of < moment), key=lambda entry: entry.as_of, default=None)
        after = min((entry for entry in known if entry.as_of >= moment), key=lambda entry: entry.as_of, default=None)
        nearest = " and ".join(str(entry) for entry in (before, after) if entry is not None)
        if looked_from is None:
            raise WarehouseError(f"nothing was extracted up to {moment}Z; the nearest publishes: {nearest}")
        raise WarehouseError(
            f"nothing was published with the extracts up to {moment.isoformat()}Z, the newest of which is of "
            f"{looked_from.isoformat()}Z. The nearest: {nearest}. To have what a build then gave: "
            f"metrics-py build --as-of {looked_from.isoformat()}Z"
        )

    @contextmanager
    def appending(self) -> Iterator[Path]:
        """An empty folder to make the next entry in; one writer at a time, and it is gone afterwards."""
        for name in (_OBJECTS, _PUBLISHES, _REBUILDS):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        with workshop(self.folder) as unfinished:
            yield unfinished

    def keep(self, file: Path) -> str:
        """Move a finished file to the objects; its SHA-256 is its name from then on."""
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        _settle(file, self.folder / _OBJECTS / f"{digest}.parquet")
        return digest

    def add(self, entry: Path, facts: Mapping[str, Any]) -> Publish:
        """Make a folder with the files of an entry, and what is known about it, the newest entry."""
        (entry / _FACTS).write_text(json.dumps(facts, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        for file in sorted(entry.iterdir()):
            file.chmod(0o444)
            flush(file)
        flush(entry)
        moment = facts["as_of"].replace(":", "")
        number = facts["number"]
        kind, name = (_REBUILDS, moment) if number is None else (_PUBLISHES, f"{number:06d}-{moment}")
        target = self.folder / kind / f"{name}-{facts['id']}"
        entry.rename(target)
        flush(target.parent)
        return Publish(target, facts)

    def _entries(self, kind: str) -> list[Publish]:
        folder = self.folder / kind
        if not folder.is_dir():
            return []
        return [Publish(entry, _facts(entry)) for entry in sorted(folder.iterdir())]


def _newest_extract(publish: Publish, moment: datetime) -> datetime | None:
    import duckdb

    with duckdb.connect() as connection:
        (newest,) = connection.execute(
            "select max(extracted_at) from read_parquet(?) where extracted_at <= ?",
            [str(publish.named("extracts")), moment],
        ).fetchall()[0]
    return newest if newest is None else datetime.fromisoformat(str(newest))


def _facts(entry: Path) -> Mapping[str, Any]:
    try:
        facts: Mapping[str, Any] = json.loads((entry / _FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WarehouseError(
            f"{entry} is no readable entry of the history ({error}); put it back from a copy, or move it away"
        ) from error
    return facts


def _settle(file: Path, target: Path) -> None:
    file.chmod(0o444)
    flush(file)
    file.replace(target)
    flush(target.parent)
