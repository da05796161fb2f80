from metrics_py.scoreboard.markup import cell_markup, rows_markup
from metrics_py.scoreboard.parts import Cell, Table
from metrics_py.scoreboard.tile import Mark

ATTACK = '"><script>alert(1)</script>'


def to(href: str) -> str:
    return f"../{href}"


def test_texts_addresses_anchors_and_captions_from_the_data_stay_texts() -> None:
    cells = [Cell(ATTACK, ATTACK, note=ATTACK, anchor=ATTACK), Cell(ATTACK, mark=Mark("winning"))]
    drawn = rows_markup(Table(ATTACK, [ATTACK, ATTACK], [cells]), [cells], to)
    assert "<script>" not in drawn
    assert drawn.count("alert(1)") == 9


def test_a_sign_stands_before_its_text_in_its_colour() -> None:
    drawn = cell_markup(Cell("Late", mark=Mark("off_track")), to)
    assert drawn.startswith('<span class="losing"><svg class="sign" aria-hidden="true"><use href="#sign-losing"/>')
    assert drawn.endswith("</span> Late")


def test_a_row_is_named_by_its_first_cell_and_numbers_stand_right() -> None:
    rows = [[Cell("Billing", anchor="b"), Cell("12"), Cell("")]]
    drawn = rows_markup(Table("Squads", ["Who", "n", "Why"], rows, frozenset({1})), rows, to)
    assert '<tr id="b"><th scope="row">Billing</th><td class="n" data-label="n">12</td><td></td></tr>' in drawn
    assert '<th scope="col">Who</th><th scope="col" class="n">n</th>' in drawn
    assert '<caption class="unseen">Squads</caption>' in drawn


def test_a_column_without_a_name_is_said_to_be_of_something() -> None:
    rows = [[Cell("Q1"), Cell("3")]]
    assert '<th scope="col">Of</th>' in rows_markup(Table("Hits", ["", "hit"], rows), rows, to)
