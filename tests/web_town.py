"""A small town for the tests of the API, and a large one for its sizes."""

import random
from datetime import UTC, date, datetime, timedelta

from shapely import Point, box

from locator.hours import Closure
from locator.station import FACILITIES, Entry, Provenance, Station
from locator.store import open_store

AT = datetime(2026, 11, 20, 4, tzinfo=UTC)
_SYLLABLES = "归义城东江北汨新市红花长乐高泉罗屈子祠文化建设人民解放友谊和平光明胜利团结幸福安康永兴大荆白水川山坪三神鼎桃林"
_HOURS = ("24/7", "Mo-Su 08:00-20:00", "Mo-Fr 08:30-17:30; PH off", "Mo-Su 07:00-22:00", None)
_HOSTS = ("", "建设银行", "农业银行", "中国移动", "国家电网", "邮政")
_KINDS = ("工会驿站", "劳动者港湾", "户外劳动者服务站", "爱心驿站", "司机之家")


def station(code: str, lon: float = 113.07, lat: float = 28.8, **fields: object) -> Station:
    return Station(**{"id": code, "name": f"站{code}", "geometry": Point(lon, lat)} | fields)


def small_town() -> list[Station]:
    return [
        station("a", opening_hours="Mo-Su 08:00-20:00", staffed_hours="Mo-Fr 09:00-17:00"),
        station("b", 113.08, facilities={"toilet": True, "aed": False}, category="mini_station"),
        station("c", 179.99, -10, opening_hours="24/7", entry=Entry(ways=("face",), registration=True)),
        station("d", geometry=box(113.1, 28.7, 113.2, 28.9), closures=(Closure(date(2026, 11, 21), date(2026, 11, 22)),),
                opening_hours="Mo-Su 08:00-12:00", provenance=Provenance(source="s", location_verified=date(2026, 3, 1))),
        station("e", -179.99, -10, status="closed"),
        station("归义-1", status="suspended", facilities={"toilet": True}),
    ]  # fmt: skip


def large_town(count: int) -> list[Station]:
    """Return stations as a city has them: in communities, on streets, a few equipments, each with its exceptions."""
    chance = random.Random(7)

    def word(length: int) -> str:
        return "".join(chance.choice(_SYLLABLES) for _ in range(length))

    communities = [(word(2), 113 + chance.random() / 2, 28.5 + chance.random() / 2) for _ in range(count // 100)]
    streets = {name: [word(2) + chance.choice("路街巷") for _ in range(8)] for name, _, _ in communities}
    equipments = [
        {code: chance.random() < 0.85 for code in FACILITIES if chance.random() < 0.5} for _ in range(40)
    ]
    found = []
    for number in range(count):
        name, lon, lat = chance.choice(communities)
        street = chance.choice(streets[name])
        facilities = dict(chance.choice(equipments))
        for code in chance.sample(list(FACILITIES), 2):
            facilities[code] = not facilities.get(code, False)
        found.append(
            station(
                f"430681-{number:05}",
                lon + chance.gauss(0, 0.003),
                lat + chance.gauss(0, 0.003),
                name=name + street + chance.choice(_HOSTS) + chance.choice(_KINDS),
                community=name + "社区",
                street=street,
                address=f"{street}{chance.randint(1, 300)}号",
                category=chance.choice(["station"] * 8 + ["mini_station", "self_service"]),
                opening_hours=chance.choice(_HOURS),
                facilities=facilities,
                provenance=Provenance(
                    source="工会名录", location_verified=date(2026, 1, 1) + timedelta(days=chance.randint(0, 300))
                ),
            )
        )
    return found


def written(path: str, stations: list[Station]) -> str:
    """Return the path of a database that holds stations."""
    with open_store(path, create=True) as store:
        store.write([(one, 0) for one in stations], at=AT)
    return path
