"""Towns that lack nearly everything: every measure, the report and every map of them is still an answer."""

from dataclasses import replace

import paper_town as town
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString

from locator.coverage.measures import MEASURES
from locator.coverage.nearest import measure_nearest
from locator.maps.base import standalone
from locator.maps.themes import theme_of
from locator.place import Area
from locator.report.document import report_page
from locator.report.findings import find
from locator.report.maps import map_page
from locator.report.question import Question
from locator.station import Station
from locator.translation import translator

HERE = (200, 200)
YARD = Station(id="Y", name="院", geometry=town.box(190, 190, 210, 210))
ALONG = Station(id="L", name="线", geometry=LineString([town.place(0, 0), town.place(0, 100)]).buffer(0.0001))
STATIONS = [
    [], town.STATIONS[:1], town.STATIONS[2:3], town.STATIONS[3:], [YARD], [ALONG],
    [replace(one, geometry=town.place(*HERE)) for one in town.STATIONS],
    [replace(one, geometry=town.place(200, 100 * row)) for row, one in enumerate(town.STATIONS)],
]  # fmt: skip
PEOPLE = [{}, {"p": (HERE, 5)}, {"p": (HERE, 0)}, {"p": ((9000, 9000), 5)}, {"p": (HERE, 5), "q": (HERE, 5)}]
AREAS = [[], [Area(id="a", name="区", geometry=town.box(-50, -50, 500, 850))],
         [Area(id="a", name="区", geometry=town.box(8000, 8000, 8100, 8100), residents=0)]]  # fmt: skip


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    stations=st.sampled_from(STATIONS), people=st.sampled_from(PEOPLE), areas=st.sampled_from(AREAS),
    streets=st.sampled_from([[], town.LINES]), network=st.sampled_from([None, town.NETWORK]),
)  # fmt: skip
def test_whatever_there_is_it_is_measured_told_and_drawn(**parts):
    study, en = town.study(**parts), translator("en")
    found = find(study, Question(day=study.day, criteria=study.criteria, straight=study.network is None))
    assert set(found.results) == set(MEASURES)
    page = report_page(found, translator("zh"))
    assert "nan" not in page.lower().replace("finance", "")
    assert "None" not in page
    for name, result in found.results.items():
        drawn = map_page(found, en, measure=name, theme=theme_of(study, result))
        assert "NaN" not in drawn.data
    assert drawn.title in standalone(drawn, "en")
    assert measure_nearest(study).station.shape == (len(study.demand), 3)


@pytest.mark.parametrize("network", [None, town.NETWORK])
def test_one_station_alone_has_a_report(network):
    """One place has no extent: its map is as wide as the least that is drawn."""
    study = town.study(stations=town.STATIONS[:1], people={}, areas=[], streets=[], network=network)
    question = Question(day=study.day, criteria=study.criteria, straight=network is None)
    assert "<svg" in report_page(find(study, question), translator("zh"))
