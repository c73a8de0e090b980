"""Who may use a way in which direction: the cases of the wiki's pages."""

import pytest

from locator.exchange.osm_ways import Mode, directions, passes

BOTH, FORWARD, BACKWARD, NONE = (True, True), (True, False), (False, True), (False, False)


@pytest.mark.parametrize(
    ("tags", "walk", "ebike"),
    [
        ({"highway": "residential"}, BOTH, BOTH),
        ({"highway": "residential", "oneway": "yes"}, BOTH, FORWARD),
        ({"highway": "residential", "oneway": "-1"}, BOTH, BACKWARD),
        ({"highway": "residential", "oneway": "yes", "oneway:bicycle": "no"}, BOTH, BOTH),
        ({"highway": "residential", "oneway": "yes", "cycleway": "opposite_lane"}, BOTH, BOTH),
        ({"highway": "residential", "oneway": "yes", "cycleway:left:oneway": "-1"}, BOTH, BOTH),
        (
            {"highway": "residential", "oneway": "yes", "cycleway": "opposite", "oneway:bicycle": "yes"},
            BOTH,
            FORWARD,
        ),
        ({"highway": "residential", "oneway": "yes", "bicycle:backward": "yes"}, BOTH, BOTH),
        ({"highway": "primary", "junction": "roundabout"}, BOTH, FORWARD),
        ({"highway": "primary", "oneway:foot": "yes"}, FORWARD, BOTH),
        ({"highway": "steps", "conveying": "backward"}, BACKWARD, NONE),
        ({"highway": "steps", "conveying": "reversible"}, BOTH, NONE),
        ({"highway": "footway", "foot:backward": "no"}, FORWARD, NONE),
        ({"highway": "footway"}, BOTH, NONE),
        ({"highway": "footway", "bicycle": "yes"}, BOTH, BOTH),
        ({"highway": "footway", "bicycle": "dismount"}, BOTH, NONE),
        ({"highway": "cycleway"}, BOTH, BOTH),
        ({"highway": "cycleway", "foot": "no"}, NONE, BOTH),
        ({"highway": "motorway", "access": "yes"}, NONE, NONE),
        ({"highway": "motorway", "foot": "yes"}, BOTH, NONE),
        ({"highway": "trunk", "motorroad": "yes"}, NONE, NONE),
        ({"highway": "trunk", "motorroad": "yes", "sidewalk": "left"}, BOTH, NONE),
        ({"highway": "trunk", "motorroad": "yes", "sidewalk": "left", "foot": "no"}, NONE, NONE),
        ({"highway": "primary", "foot": "use_sidepath", "bicycle": "use_sidepath"}, NONE, NONE),
        ({"highway": "primary", "electric_bicycle": "no", "bicycle": "yes"}, BOTH, NONE),
        ({"highway": "service", "access": "private"}, NONE, NONE),
        ({"highway": "service", "access": "private", "foot": "permissive"}, BOTH, NONE),
        ({"highway": "service", "access": "permit"}, NONE, NONE),
        ({"highway": "service", "access": "residents"}, NONE, NONE),
        ({"highway": "track", "access": "agricultural;forestry"}, NONE, NONE),
        ({"highway": "service", "access": "delivery; customers"}, BOTH, BOTH),
        ({"highway": "service", "vehicle": "no"}, BOTH, NONE),
        ({"highway": "residential", "foot": "unknown"}, BOTH, BOTH),
        ({"highway": "bridleway"}, NONE, NONE),
        ({"highway": "bridleway", "foot": "yes"}, BOTH, NONE),
        ({"highway": "construction", "foot": "yes"}, NONE, NONE),
        ({"railway": "rail"}, NONE, NONE),
    ],
)
def test_directions(tags, walk, ebike):
    assert (directions(tags, Mode.WALK), directions(tags, Mode.EBIKE)) == (walk, ebike)


@pytest.mark.parametrize(
    ("tags", "walk", "ebike"),
    [
        ({"barrier": "gate"}, True, True),
        ({"barrier": "bollard"}, True, True),
        # a compound's gate: those who live there pass, and its ways say whether they are private
        ({"barrier": "gate", "access": "private"}, True, True),
        ({"barrier": "gate", "access": "residents"}, True, True),
        ({"barrier": "gate", "access": "no"}, False, False),
        ({"barrier": "gate", "access": "no", "foot": "yes"}, True, False),
        ({"barrier": "gate", "locked": "yes"}, False, False),
        ({"barrier": "gate", "locked": "yes", "access": "private"}, False, False),
        ({"barrier": "gate", "locked": "yes", "foot": "yes"}, True, False),
        ({"barrier": "wall", "access": "private"}, False, False),
        ({"barrier": "turnstile"}, True, False),
        ({"barrier": "wall"}, False, False),
    ],
)
def test_barriers(tags, walk, ebike):
    assert (passes(tags, Mode.WALK), passes(tags, Mode.EBIKE)) == (walk, ebike)
