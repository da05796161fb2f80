import pytest

from metrics_py.scoreboard.number import count_text, distance_text, range_text, value_text


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u2212", "-")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.6976, "share", "69.8%"),
        (0.70049, "share", "70.0%"),
        (0.6975, "share", "69.8%"),
        (0.6965, "share", "69.6%"),
        (6.25, "score", "6.2"),
        (6.35, "score", "6.4"),
        (45.0, "days", "45.0 days"),
        (-3.06, "nps", "-3.1"),
        (0.0, "nps", "0.0"),
        (9_512_300.0, "usd", "$9.5M"),
        (67_855.6, "usd", "$67.9K"),
        (999_960.0, "usd", "$1.0M"),
        (12.5, "usd", "$12.5"),
        (1234.0, "count", "1,234"),
    ],
)
def test_values_have_one_decimal_and_halves_go_to_the_even_digit(value: float, unit: str, text: str) -> None:
    assert plain(value_text(value, unit)) == text


def test_a_unit_no_metric_has_is_refused() -> None:
    with pytest.raises(ValueError, match="unit must be one of score, share"):
        value_text(1.0, "stone")


@pytest.mark.parametrize(
    ("distance", "unit", "text"),
    [
        (-0.052, "share", "5.2 pp"),
        (0.0004, "share", "less than 0.1 pp"),
        (-0.04, "score", "less than 0.1"),
        (0.0, "share", "0.0 pp"),
        (16.0, "days", "16.0 days"),
        (-487_700.0, "usd", "$487.7K"),
        (-7.7, "nps", "7.7"),
    ],
)
def test_a_difference_of_shares_is_in_points_and_a_small_one_is_not_rounded_away(
    distance: float, unit: str, text: str
) -> None:
    assert plain(distance_text(distance, unit)) == text


def test_an_interval_says_its_unit_once() -> None:
    assert range_text(0.612, 0.849, "share") == "61.2 to 84.9%"
    assert plain(range_text(-3.0, 5.0, "nps")) == "-3.0 to 5.0"
    assert range_text(8.1e6, 9.2e6, "usd") == "$8.1M to $9.2M"


def test_one_is_singular_and_none_is_plural() -> None:
    assert [count_text(count, "row") for count in (0, 1, 1200)] == ["0 rows", "1 row", "1,200 rows"]
