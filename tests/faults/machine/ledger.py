"""What came of each trial so far, in a file, so that a run that was cut off goes on where it stopped."""

import json
from dataclasses import asdict

from tests.faults.machine.trial import Trial


class Ledger:
    """Trials by name, in the order they were made; each is on disk before the next begins."""

    def __init__(self, path):
        self._path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self._entries = [(entry["name"], Trial(**entry["trial"])) for entry in map(json.loads, lines)]

    def of(self, name):
        """The trials of one name."""
        return [trial for other, trial in self._entries if other == name]

    def add(self, name, trial):
        """Keep a trial."""
        self._entries.append((name, trial))
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "trial": asdict(trial)}) + "\n")
