"""What is not installed is asked for by the name of the extra that brings it."""

import json
import sys

import pytest

from locator.errors import MissingPart
from locator.optional import optional_part


def test_a_part_that_is_there_is_imported():
    assert optional_part("json", "streets") is json


@pytest.mark.parametrize(("field", "named"), [("", "scipy"), ("METRICS", "METRICS")])
def test_a_missing_part_names_the_extra(monkeypatch, field, named):
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(MissingPart, match=r"pip install 'station-locator\[streets\]'") as missing:
        optional_part("scipy.sparse", "streets", field=field)
    assert missing.value.field == named
