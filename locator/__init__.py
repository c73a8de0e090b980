"""Locator: the open map of workers' service stations.

The floors, from the ground up; a module imports only from floors below its own:

- translation, errors, assets, optional: words, what can go wrong, where files lie, what may be missing
- holidays, opening, hours: one text over a year; the state of a station at a moment
- station, place: the records
- query: the one question that every door asks, and its answer
- datum, geodesy, validity: coordinates, metres, geometries from outside
- bits, timetable, candidates: what can be asked of a station as one word, hours as arrays, who may qualify
- compiled, tree: the search tree and its inner loops
- store: data at rest
- exchange: data in and out
- index, snapshot: where the nearest are found; one version of all data in memory
- nearest, answer, quality, streets: analysis, and its answer as GeoJSON
- coverage: where, when and for whom there is no station, measured along the streets
- maps: the only place that knows Folium
- report: all findings of one question, in sentences, tables and pictures, as a page and as PDF
- journal, settings, web, serving, cli: log lines, knobs and the doors
"""

__version__ = "0.1.0"
