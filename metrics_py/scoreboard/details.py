"""What only one metric has: its distribution, its parts and its diagnosis."""

from collections.abc import Callable, Mapping, Sequence

from metrics_py.scoreboard.arr_details import arr_sections
from metrics_py.scoreboard.circt_details import circt_sections
from metrics_py.scoreboard.ddqs_details import ddqs_sections
from metrics_py.scoreboard.drawer import Drawer
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.nps_details import nps_sections
from metrics_py.scoreboard.parts import Section
from metrics_py.scoreboard.ploar_details import ploar_sections

_MAKERS: Mapping[str, Callable[[Material, Drawer], Sequence[Section]]] = {
    "arr": arr_sections,
    "nps": nps_sections,
    "ddqs": ddqs_sections,
    "ploar": ploar_sections,
    "circt": circt_sections,
}


def detail_sections(material: Material, drawer: Drawer, metric_id: str) -> Sequence[Section]:
    """The sections of one metric; none for a metric that has nothing of its own."""
    maker = _MAKERS.get(metric_id)
    return maker(material, drawer) if maker else []
