"""How common a form is decides between look-alikes, and never against what the picture shows."""

import pytest

from detector.plates.reading import joined

Texts = tuple[tuple[str, float], ...]


@pytest.mark.parametrize(
    ("upper", "text"),
    [
        pytest.param((("63BZ", 0.5), ("63B2", 0.5)), "63B216353", id="a numbered series before a letter pair"),
        pytest.param((("59H7", 0.5), ("59H1", 0.5)), "59H116353", id="a series begins with 1"),
        pytest.param((("63BZ", 0.8), ("63B2", 0.2)), "63BZ16353", id="a Z that can be seen stays"),
        pytest.param((("59H7", 0.8), ("59H1", 0.2)), "59H716353", id="a 7 that can be seen stays"),
        pytest.param((("29EI", 0.6), ("29E1", 0.2)), "29E116353", id="the grammar outweighs both"),
    ],
)
def test_look_alikes_in_the_series(upper: Texts, text: str) -> None:
    assert joined(upper, (("16353", 1.0),))[0].text == text


def test_each_split_is_weighed_as_the_form_it_prints() -> None:
    """30-K1 / 2345 is a motorbike's of series K1, 30K / 12345 a car's: the same text, not the same rarity."""
    (bike, *_) = joined((("30K1", 0.5), ("30K7", 0.5)), (("2345", 1.0),))
    (car, *_) = joined((("30K", 1.0),), (("12345", 0.5), ("72345", 0.5)))
    assert bike.probability == pytest.approx(1.6 / 2.5)
    assert car.probability == pytest.approx(0.5)
