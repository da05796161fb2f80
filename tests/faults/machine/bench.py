"""A small company, built once undisturbed, with which whatever was disturbed is compared."""

import shutil

from tests.faults.machine import rig, victim


class Bench:
    """Projects to copy from (`expected` is built, `landed` has only landed) and what readers get of the built one.

    Args:
        folder: where everything happens; what an earlier run made there is used again.
        sample: a sample drawn already, to save the time.
    """

    def __init__(self, folder, *, sample=None):
        self.folder = folder
        self.log = folder / "commands.log"
        self.expected, self.landed = folder / "undisturbed", folder / "landed"
        self.extracts = folder / "extracts"
        if not self.landed.exists():
            self._make(sample)
        self.published = rig.published(self.expected)
        self.raw = rig.raw_rows(self.expected / "warehouse.duckdb")

    def _make(self, sample):
        for path in (self.expected, self.extracts, self.folder / "landing"):
            shutil.rmtree(path, ignore_errors=True)
        rig.small_company(self.folder, sample=sample)
        rig.copy_project(self.expected)
        landing = rig.copy_project(self.folder / "landing")
        self.run("land", self.extracts, "--project-dir", landing)
        self.run("build", "--project-dir", self.expected, "--extracts", self.extracts)
        # A parsed project is part of the start, as it is in daily use; else parsing would be most of every run.
        shutil.copytree(self.expected / "target", landing / "target")
        landing.rename(self.landed)

    def copy(self, name, *, of):
        """A fresh copy of a project."""
        project = self.folder / name
        shutil.rmtree(project, ignore_errors=True)
        return shutil.copytree(of, project, symlinks=True)

    def run(self, *arguments):
        """Run a command undisturbed, or fail; seconds."""
        seconds, code = victim.undisturbed(arguments, self.log)
        assert code in (0, 1), f"{arguments} ended with {code}; see {self.log}"
        return seconds

    def raw_trouble(self, project):
        """Raw rows lost, raw rows doubled, and a sentence where there are any."""
        found = project / "warehouse.duckdb"
        if rig.raw_rows(found) == self.raw:
            return 0, 0, []
        lost, doubled = rig.row_difference(self.expected / "warehouse.duckdb", found, "raw%")
        return lost, doubled, [f"{lost} raw rows lost, {doubled} doubled"]

    def published_trouble(self, project, *, like=None):
        """Published rows lost, doubled, and sentences on whatever readers get otherwise than from another project."""
        found, expected = rig.published(project), self.published if like is None else rig.published(like)
        names = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
        if not names:
            return 0, 0, []
        files = [
            (other / "published" / "product_metrics.duckdb").resolve() for other in (like or self.expected, project)
        ]
        return *rig.row_difference(*files, "%"), [f"other bytes in {', '.join(names[:5])}"]
