// Fill a Folium map with coverage, and show any hour of the week of data that stands in the page once.
"use strict";

globalThis.coverageMap = (() => {
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const { colours, words, said, slices, names } = data;
  const NO_SHARE = 255;
  const ANY_HOUR = 0;
  const PANES = { ground: 350, areas: 360, reach: 365, points: 370, gaps: 380, uncovered: 390, stations: 400 };
  const GROUND = { main: 3, minor: 1.5, path: 1, water: 1, railway: 2, boundary: 2 };
  const FULL = 100;
  const WEEK = 168;
  const AREA_OPACITY = 0.75;
  const POINT_OPACITY = 0.8;
  const REACH_OPACITY = 0.6;
  const GAP_OPACITY = 0.6;
  let at = data.at;

  function bytes(text) {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  }

  const bands = bytes(slices.bands);
  const shares = bytes(slices.areas);
  const states = bytes(slices.stations);
  const sets = Math.max(...slices.sets) + 1;
  const count = slices.sets.length;

  const bandOf = (row) => bands[row * sets + slices.sets[at]];
  const shareOf = (row) => shares[row * count + at];
  const stateOf = (row) => states[row * count + at];
  const filled = (text, parts) => text.replace(/\{(\w+)\}/g, (whole, name) => parts[name] ?? whole);
  const number = (value) => value.toLocaleString(document.documentElement.lang);
  const percent = (share) => `${(share * FULL).toFixed(1)}%`;

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function popup(heading, ...lines) {
    const box = element("div", "station-popup");
    box.append(element("h2", "", heading));
    for (const line of lines) if (line) box.append(element("p", "", line));
    return box;
  }

  const areaColour = (row) => {
    const share = shareOf(row);
    if (share === NO_SHARE) return colours.nothing;
    const classes = colours.areas.length;
    return colours.areas[Math.max(Math.ceil((share * classes) / FULL) - 1, 0)];
  };

  const of = {
    ground: {
      style: ({ properties, geometry }) => ({
        className: `ground-${properties.kind}`,
        weight: GROUND[properties.kind] ?? 2,
        fill: geometry.type.endsWith("Polygon") && properties.kind === "water",
        fillOpacity: 1,
        interactive: false,
      }),
      describe() {},
    },
    areas: {
      style: ({ properties }) => ({ color: "#6f6a60", weight: 1, fillColor: areaColour(properties.row), fillOpacity: AREA_OPACITY }),
      describe({ properties: { row } }, layer) {
        layer.bindPopup(() => {
          const share = shareOf(row);
          return popup(
            data.areas.names[row],
            filled(words.people, { people: number(data.areas.people[row]), counted: said.counted }),
            share === NO_SHARE ? words.none : filled(words.share, { share: `${share}%` }),
            sliceName(at),
          );
        });
        layer.bindTooltip(() => element("span", "", data.areas.names[row]), {
          permanent: true, direction: "center", className: "area-name",
        });
      },
    },
    reach: {
      // Opaque each, seen through together: a nearer band lies on the further ones, whose colour it must not take.
      style: ({ properties: { row } }) => ({ stroke: false, fillColor: colours.bands[data.reach.bands[row]], fillOpacity: 1 }),
      describe({ properties: { row } }, layer) {
        layer.bindPopup(() => popup(...reachLines(row), words.any_hour, filled(words.outline, { metres: data.outline })));
      },
    },
    points: {
      style: ({ properties }) => ({ stroke: false, fillColor: colours.bands[bandOf(properties.row)], fillOpacity: POINT_OPACITY }),
      marker: ({ properties }, place) => L.circle(place, {
        ...of.points.style({ properties }), radius: data.points.radius, renderer: renderers.points, pane: "coverage-points",
      }),
      describe({ properties: { row } }, layer) {
        layer.bindPopup(() => popup(
          names.bands[bandOf(row)],
          filled(words.people, { people: number(data.points.people[row]), counted: said.counted }),
          sliceName(at),
        ));
      },
    },
    gaps: {
      // The more hours of the week without a station, the darker.
      style: ({ properties: { row } }) => ({
        color: colours.gap, weight: 1, fillColor: colours.gap, fillOpacity: (GAP_OPACITY * data.gaps.hours[row]) / WEEK,
      }),
      describe({ properties: { row } }, layer) {
        const { ranks, reasons, because, people, hours, nearest, metres } = data.gaps;
        layer.bindPopup(() => popup(
          filled(words.rank, { rank: ranks[row] }),
          [reasons[row], because[row]].filter(Boolean).join(" · "),
          filled(words.people, { people: number(people[row]), counted: said.counted }),
          filled(words.unserved, { hours: number(hours[row]) }),
          nearest[row] && metres[row] !== null ? filled(words.nearest, { name: nearest[row], metres: number(metres[row]) }) : "",
        ));
      },
    },
    uncovered: {
      style: () => ({ color: colours.uncovered, weight: 5, lineCap: "round" }),
      describe({ properties: { row } }, layer) {
        layer.bindPopup(() => popup(
          data.uncovered.streets[row],
          filled(words.bare, said),
          filled(words.metres, { value: number(data.uncovered.metres[row]) }),
        ));
      },
    },
    stations: {
      style: ({ properties }) => ({ color: "#111", weight: 1.5, fillColor: colours.stations[stateOf(properties.row)], fillOpacity: 1 }),
      marker: ({ properties }, place) => L.circleMarker(place, {
        ...of.stations.style({ properties }), radius: 6, renderer: renderers.stations, pane: "coverage-stations",
      }),
      describe({ properties: { row } }, layer) {
        layer.bindPopup(() => popup(
          data.stations.names[row], [words.not, words.possible, words.usable][stateOf(row)], sliceName(at),
        ));
      },
    },
  };
  const renderers = {};

  // What a band is called, how much street lies in it (of straight lines nobody knows) and how much ground.
  function reachLines(row) {
    const { streets, ground } = data.reach;
    const short = (value, unit) => number(Number((value / unit).toPrecision(3)));
    return [
      names.bands[data.reach.bands[row]],
      streets[row] === null ? "" : filled(words.streets, { km: short(streets[row], 1e3) }),
      filled(words.ground, { km2: short(ground[row], 1e6) }),
    ];
  }

  function sliceName(slice) {
    if (slice === ANY_HOUR) return words.any_hour;
    const hour = String((slice - 1) % 24).padStart(2, "0");
    return filled(words.at, { day: data.days[Math.floor((slice - 1) / 24)], hour });
  }

  function* features(name) {
    if (name === "points") {
      for (const [row, lon] of data.points.lons.entries()) {
        const geometry = data.points.cells[row] ?? { type: "Point", coordinates: [lon, data.points.lats[row]] };
        yield { type: "Feature", geometry, properties: { row } };
      }
      return;
    }
    for (const [row, geometry] of data[name].shapes.entries()) {
      const properties = name === "ground" ? { kind: data.ground.kinds[row] } : { row };
      yield { type: "Feature", geometry, properties };
    }
    // A yard is too small to be seen from afar: it has a mark too.
    for (const [row, coordinates] of Object.entries(data[name].middles ?? {})) {
      yield { type: "Feature", geometry: { type: "Point", coordinates }, properties: { row: Number(row) } };
    }
  }

  // The furthest first, so that the nearer lie on it.
  const order = (name) => (name === "reach" ? [...features(name)].reverse() : features(name));

  function fill(map, layers) {
    for (const [name, layer] of Object.entries(layers)) {
      const pane = `coverage-${name}`;
      map.createPane(pane).style.zIndex = PANES[name];
      if (name === "reach") map.getPane(pane).style.opacity = REACH_OPACITY;
      // Demand may be a hundred thousand points: a canvas draws them as one picture.
      renderers[name] = name === "points" ? L.canvas({ pane }) : L.svg({ pane });
      Object.assign(layer.options, { pane, renderer: renderers[name] });
      if (!data.shown.includes(name)) layer.remove();
      for (const feature of order(name)) layer.addData(feature);
    }
  }

  function status() {
    const share = slices.shares[at];
    const possible = slices.possible[at];
    if (share === null) return sliceName(at);
    const sure = percent(share);
    const told = possible === null || percent(possible) === sure
      ? sure : filled(words.possibly, { sure, possible: percent(possible) });
    return filled(words.status, { when: sliceName(at), stations: slices.counts[at], share: told, ...said });
  }

  function hourControl(changed) {
    const box = element("div", "map-hours");
    const label = element("label", "", words.hour);
    const range = Object.assign(element("input"), { type: "range", min: 0, max: count - 1, step: 1, id: "map-hour" });
    label.htmlFor = range.id;
    const line = element("p", "map-status");
    line.setAttribute("role", "status");
    const button = (text, name, act) => {
      const made = element("button", "plain", text);
      made.type = "button";
      made.setAttribute("aria-label", name);
      made.addEventListener("click", () => show(act()));
      return made;
    };
    function show(slice) {
      at = Math.min(Math.max(slice, 0), count - 1);
      range.value = at;
      range.setAttribute("aria-valuetext", sliceName(at));
      line.textContent = status();
      changed();
    }
    range.addEventListener("input", () => show(range.valueAsNumber));
    const steps = element("div", "map-steps");
    steps.append(button("‹", words.earlier, () => at - 1), range, button("›", words.later, () => at + 1));
    const reset = element("button", "plain map-reset", words.any_hour);
    reset.type = "button";
    reset.addEventListener("click", () => show(ANY_HOUR));
    box.append(label, steps, reset, line);
    return { box, show };
  }

  // What is shown, of how many and by what: the question at a glance, the rest where it is unfolded.
  function told() {
    const box = element("div", "map-told");
    if (data.question.length === 0) return box;
    const line = element("p", "map-question");
    line.append(element("strong", "", data.question[0]), ...data.question.slice(1).map((text) => ` ${text}`));
    const more = element("details", "map-method");
    const inside = element("div", "map-method-lines");
    inside.tabIndex = 0;
    inside.setAttribute("role", "group");
    inside.setAttribute("aria-label", words.method);
    for (const { title, lines } of data.method) {
      inside.append(element("p", "map-method-title", title));
      const list = element("dl");
      for (const [label, text] of lines) {
        const row = element("div");
        row.append(element("dt", "", label), element("dd", "", text));
        list.append(row);
      }
      inside.append(list);
    }
    more.append(element("summary", "", words.method), inside);
    box.append(line, more);
    return box;
  }

  function key(shape, colour, text, opacity = 1) {
    const line = element("p");
    const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    mark.setAttribute("viewBox", "0 0 20 14");
    mark.setAttribute("class", "key-mark");
    mark.setAttribute("aria-hidden", "true");
    const drawn = document.createElementNS(mark.namespaceURI, { square: "rect", line: "path", disc: "circle" }[shape]);
    const how = {
      square: { x: 1, y: 1, width: 18, height: 12, fill: colour, "fill-opacity": opacity, stroke: "#6f6a60" },
      line: { d: "M1 7h18", stroke: colour, "stroke-width": 4, fill: "none" },
      disc: { cx: 10, cy: 7, r: 5, fill: colour, stroke: "#111", "stroke-width": 1.5 },
    }[shape];
    for (const [name, value] of Object.entries(how)) drawn.setAttribute(name, value);
    mark.append(drawn);
    line.append(mark, element("span", "", text));
    return line;
  }

  const keys = {
    areas: () => names.shares.map((name, place) => key("square", colours.areas[place], name, AREA_OPACITY)),
    reach: () => [
      ...data.reach.bands.map((band, row) => key("square", colours.bands[band], reachLines(row).filter(Boolean).join(" · "), REACH_OPACITY)),
      element("p", "small", filled(words.outline, { metres: data.outline })),
    ],
    points: () => names.bands.map((name, place) => key("square", colours.bands[place], name, POINT_OPACITY)),
    gaps: () => [key("square", colours.gap, words.gap, GAP_OPACITY)],
    uncovered: () => [key("line", colours.uncovered, filled(words.bare, said))],
    stations: () => [words.not, words.possible, words.usable]
      .map((text, place) => key("disc", colours.stations[place], text)).reverse(),
  };

  function legend(map, layers) {
    const isWide = map.getSize().x > 640;
    const control = L.control({ position: isWide ? "bottomleft" : "topleft" });
    const list = element("div");
    control.onAdd = () => {
      const box = element("details", "map-legend");
      box.open = isWide;
      box.append(element("summary", "", words.legend), list);
      L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
      return box;
    };
    control.addTo(map);
    const update = () => list.replaceChildren(
      ...(data.scenario ? [element("p", "map-side", data.scenario)] : []),
      ...Object.entries(layers).filter(([name, layer]) => keys[name] && map.hasLayer(layer)).flatMap(([name]) => keys[name]()),
    );
    map.on("layeradd layerremove", update);
    update();
  }

  function describeControls(map) {
    const toggle = map.getContainer().querySelector(".leaflet-control-layers-toggle");
    if (!toggle) return;
    toggle.title = words.layers;
    toggle.setAttribute("role", "button");
    toggle.setAttribute("aria-label", words.layers);
  }

  let shown = () => {};

  function start(map, layers) {
    const view = () => map.fitBounds(data.bounds, { padding: [12, 12], maxZoom: 16, animate: false });
    // Before the tiles: where they have no such level as the map begins with, it would go to another by and by.
    view();
    locatorBaseMap.add(map, data.base, data.credits);
    // Its colours are chosen for light ground, with tiles or without.
    map.getContainer().classList.add("is-light");
    fill(map, layers);
    const moving = ["areas", "points", "stations"];
    const control = hourControl(() => {
      for (const name of moving) layers[name].eachLayer((one) => one.setStyle(of[name].style(one.feature)));
    });
    map.getContainer().parentElement.before(control.box, told());
    shown = control.show;
    shown(at);
    // What stands above takes its place from the map, and more of it where its text gets longer.
    map.invalidateSize({ animate: false });
    view();
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
    legend(map, layers);
    describeControls(map);
    const close = () => map.getContainer().classList.toggle("is-close", map.getZoom() >= 14);
    map.on("zoomend", close);
    close();
    document.documentElement.dataset.mapReady = "yes";
  }

  return { ...of, start, show: (slice) => shown(slice) };
})();
