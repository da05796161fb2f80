"""Where each page is: addresses that stay the same as long as the thing they are about keeps its identifier."""

import hashlib
import re
import unicodedata

COMPANY_PAGE = "index.html"
SEARCH_PAGE = "search.html"
DATA_PAGE = "data.html"
KEY_RESULTS_PAGE = "key-results.html"
PEOPLE = "people/"
DBT_DOCS_PAGE = "docs/index.html"
CHECKS_PAGE = "checks.html"

_UNSAFE = re.compile(r"[^a-z0-9]+")


def slug(identifier: str) -> str:
    """An identifier as part of a web address: readable, safe in a file name, and different for different identifiers.

    An identifier that can't stand in an address as it is gets the start of its SHA-256 behind it, so that two which
    look alike stay apart whichever of them came first.

    Examples:
        >>> slug("driver-app")
        'driver-app'
        >>> slug("ana.silva@cxt.example"), slug("Ana Silva")
        ('ana-silva-b298d6', 'ana-silva-ad7d63')
    """
    plain = unicodedata.normalize("NFKD", identifier.split("@")[0]).encode("ascii", "ignore").decode().lower()
    readable = _UNSAFE.sub("-", plain).strip("-")[:60]
    if readable and readable == identifier:
        return readable
    return f"{readable or 'x'}-{hashlib.sha256(identifier.encode()).hexdigest()[:6]}"


def squad_page(squad_id: str) -> str:
    """Address of a squad's page."""
    return f"squads/{slug(squad_id)}.html"


def person_page(person_id: str) -> str:
    """Address of a product manager's page."""
    return f"{PEOPLE}{slug(person_id)}.html"


def metric_page(metric_id: str) -> str:
    """Address of a metric's page."""
    return f"metrics/{slug(metric_id)}.html"


def metric_csv(metric_id: str) -> str:
    """Address of a metric's values as CSV."""
    return f"csv/{slug(metric_id)}.csv"


def evidence_csv(metric_id: str) -> str:
    """Address of the rows behind a metric's newest value as CSV."""
    return f"csv/{slug(metric_id)}-rows.csv"


def changes_csv(metric_id: str) -> str:
    """Address of what the newest publish changed of a metric as CSV."""
    return f"csv/{slug(metric_id)}-changes.csv"


def model_docs(model: str) -> str:
    """Address of a model in dbt's documentation.

    Examples:
        >>> model_docs("circt_by_day")
        'docs/index.html#!/model/model.product_metrics.circt_by_day'
    """
    return f"{DBT_DOCS_PAGE}#!/model/model.product_metrics.{model}"


def key_result_page(key_result_id: str) -> str:
    """Address of a key result's page."""
    return f"key-results/{slug(key_result_id)}.html"


def quarter_page(label: str) -> str:
    """Address of the company's page for a quarter, given its label (`Q4 2025`)."""
    return f"quarters/{slug(label)}.html"


def feature_anchor(feature_id: str) -> str:
    """Where a feature is on its owner's page."""
    return f"f-{slug(feature_id)}"
