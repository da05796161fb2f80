"""The stamp of a site: which snapshot its pages show, and what keeps them from showing a newer one."""

from dataclasses import dataclass
from pathlib import Path

from metrics_py.files import replacing

STAMP_FILE = "version.txt"
"""Small, because every open page reads it several times a second."""


@dataclass(frozen=True)
class Stamp:
    """What a site says about itself.

    Examples:
        >>> import tempfile
        >>> site = Path(tempfile.mkdtemp())
        >>> write_stamp(site, Stamp("a1b2", "notes.csv is cut off"))
        >>> read_stamp(site)
        Stamp(version='a1b2', trouble='notes.csv is cut off')
    """

    version: str
    """Generation of the snapshot that the pages were drawn from; empty when none were."""
    trouble: str = ""
    """Why the newest extracts are not in it, in one sentence; empty when nothing went wrong."""


def read_stamp(site: Path) -> Stamp:
    """The stamp of a site; one without a version where there is none."""
    try:
        version, _, trouble = (site / STAMP_FILE).read_text(encoding="utf-8").partition("\n")
    except OSError:
        return Stamp("")
    return Stamp(version.strip(), trouble.strip())


def write_stamp(site: Path, stamp: Stamp) -> None:
    """Replace the stamp in one step; every open page has seen it within a second."""
    trouble = " ".join(stamp.trouble.split())
    with replacing(site / STAMP_FILE) as beside:
        beside.write_text(f"{stamp.version}\n{trouble}\n" if trouble else f"{stamp.version}\n", encoding="utf-8")
