"""What keeps people's e-mails and names inside: the salt of their hashes, which is the user's, and a mask for logs."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

SALT = "METRICS_PRIVACY_SALT"

_PUBLIC_SALT = "'sample-company'"
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"']+@[^\s@,;:<>()\[\]\"']+")


def without_addresses(text: str) -> str:
    """A text for logs and pages, with each e-mail address in it masked.

    Examples:
        >>> without_addresses("row 3: score_raw ann@customer.example, empty")
        'row 3: score_raw (an e-mail address), empty'
    """
    return _ADDRESS.sub("(an e-mail address)", text)


def salt_warning(project: Path, extracts: Path | None) -> str | None:
    """A warning where real extracts would be hashed with the sample's salt, which everybody can read; else null.

    Extracts with their truth beside them are the sample's own.
    """
    is_public = SALT not in os.environ and _PUBLIC_SALT in (project / "dbt_project.yml").read_text(encoding="utf-8")
    if extracts is None or not is_public or any((folder / "truth").is_dir() for folder in (extracts, extracts.parent)):
        return None
    return (
        f"e-mails and names are hashed with the sample's salt, which is public: set {SALT} to a long secret of your "
        "own, the same for every build, and build again"
    )


def forget_salt(target: Path) -> None:
    """Remove the SQL that dbt leaves behind, because the salt stands in it; the manifest holds no compiled SQL."""
    for name in ("compiled", "run"):
        shutil.rmtree(target / name, ignore_errors=True)
