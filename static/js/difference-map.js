// Fill a Folium map with what differs between two states of the stations, from data that stands in the page once.
"use strict";

globalThis.differenceMap = (() => {
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const { colours, names, words } = data;
  const PANES = { ground: 350, areas: 360, longer: 370, shorter: 371, gained: 372, lost: 373, stations: 400, changes: 660 };
  const GROUND = { main: 3, minor: 1.5, path: 1, water: 1, railway: 2, boundary: 2 };
  const PLACES = ["gained", "lost", "longer", "shorter"];
  const SIZE = 24;
  const AREA_OPACITY = 0.15;
  const PLACE_OPACITY = 0.8;
  const CLOSE_ZOOM = 13;
  const renderers = {};

  const filled = (text, parts) => text.replace(/\{(\w+)\}/g, (whole, name) => parts[name] ?? whole);
  const number = (value) => value.toLocaleString(document.documentElement.lang);

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

  const net = ({ gained, lost }) => gained - lost;
  const areaColour = (area) => (net(area) > 0 ? colours.gained : colours.lost);
  const mark = ({ number: text, kind }) => element("span", `change-mark is-${kind}`, String(text));

  function place(code) {
    const style = () => ({ stroke: false, fillColor: colours[code], fillOpacity: PLACE_OPACITY });
    return {
      style,
      marker: (feature, at) => L.circle(at, { ...style(), radius: data.radius, renderer: renderers[code], pane: `difference-${code}` }),
      describe({ properties: { people, hours } }, layer) {
        layer.bindPopup(() => popup(
          names[code],
          filled(words.people, { people: number(people), counted: data.counted }),
          hours ? filled(hours > 0 ? words.hours : words.fewer, { hours: number(Math.abs(hours)) }) : "",
        ));
      },
    };
  }

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
      style: ({ properties }) => ({
        color: "#6f6a60", weight: 1, fillColor: areaColour(properties), fillOpacity: net(properties) ? AREA_OPACITY : 0,
      }),
      describe({ properties }, layer) {
        const { name, gained, lost } = properties;
        layer.bindPopup(() => popup(name, filled(words.net, { gained: number(gained), lost: number(lost) })));
        layer.bindTooltip(() => {
          const box = element("div");
          box.append(element("span", "", name));
          if (net(properties)) box.append(element("span", "", `${net(properties) > 0 ? "+" : ""}${number(net(properties))}`));
          return box;
        }, { permanent: true, direction: "center", className: "area-name" });
      },
    },
    stations: {
      style: () => ({ color: "#fff", weight: 1.5, fillColor: colours.station, fillOpacity: 1 }),
      marker: (feature, at) => L.circleMarker(at, {
        ...of.stations.style(), radius: 5, renderer: renderers.stations, pane: "difference-stations",
      }),
      describe({ properties: { name } }, layer) {
        layer.bindPopup(() => popup(name, words.station));
      },
    },
    changes: {
      style: () => ({}),
      marker: ({ properties }, at) => L.marker(at, {
        icon: L.divIcon({ className: `change-mark is-${properties.kind}`, html: element("span", "", String(properties.number)), iconSize: [SIZE, SIZE] }),
        pane: "difference-changes",
        // A name is text, whatever stands in it.
        title: [properties.change, properties.name].join(" · "),
        alt: [properties.number, properties.change, properties.name].join(" · "),
      }),
      describe({ properties: { number: text, change, name, detail, scenario } }, layer) {
        layer.bindPopup(() => popup(`${text} ${name}`, change, detail, scenario));
      },
    },
    ...Object.fromEntries(PLACES.map((code) => [code, place(code)])),
  };

  function fill(map, layers) {
    for (const [name, layer] of Object.entries(layers)) {
      const pane = `difference-${name}`;
      map.createPane(pane).style.zIndex = PANES[name];
      // Places may be a hundred thousand: a canvas draws them as one picture.
      renderers[name] = PLACES.includes(name) ? L.canvas({ pane }) : L.svg({ pane });
      Object.assign(layer.options, { pane, renderer: renderers[name] });
      layer.addData({ type: "FeatureCollection", features: data[name] });
    }
    for (const { geometry, properties } of data.changes) {
      if (!properties.from) continue;
      const [lon, lat] = geometry.coordinates;
      layers.changes.addLayer(L.polyline([properties.from, [lat, lon]], {
        color: colours.change, weight: 2, dashArray: "6 5", interactive: false,
        pane: "difference-stations", renderer: renderers.stations,
      }));
    }
  }

  function key(shape, colour, text, opacity = 1) {
    const line = element("p");
    const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    drawn.setAttribute("viewBox", "0 0 20 14");
    drawn.setAttribute("class", "key-mark");
    drawn.setAttribute("aria-hidden", "true");
    const part = document.createElementNS(drawn.namespaceURI, shape === "square" ? "rect" : "circle");
    const how = shape === "square"
      ? { x: 1, y: 1, width: 18, height: 12, fill: colour, "fill-opacity": opacity, stroke: "#6f6a60" }
      : { cx: 10, cy: 7, r: 5, fill: colour };
    for (const [name, value] of Object.entries(how)) part.setAttribute(name, value);
    drawn.append(part);
    line.append(drawn, element("span", "", text));
    return line;
  }

  function changed({ properties }) {
    const line = element("li");
    const told = [properties.change, properties.name, properties.detail, properties.scenario].filter(Boolean).join(" · ");
    line.append(mark(properties), element("span", "", told));
    return line;
  }

  const keys = {
    areas: () => [
      key("square", colours.gained, words.area_gains, AREA_OPACITY), key("square", colours.lost, words.area_loses, AREA_OPACITY),
    ],
    stations: () => [key("disc", colours.station, words.station)],
    changes: () => {
      const list = element("ol");
      list.append(...data.changes.map(changed));
      return [element("h3", "", words.changes), data.changes.length ? list : element("p", "", words.none)];
    },
    ...Object.fromEntries(PLACES.map((code) => [code, () => [key("disc", colours[code], names[code])]])),
  };
  const ORDER = [...PLACES, "areas", "stations", "changes"];

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
      ...data.sides.map((side) => element("p", "map-side", side)),
      ...ORDER.filter((name) => map.hasLayer(layers[name])).flatMap((name) => keys[name]()),
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

  function start(map, layers) {
    const view = () => map.fitBounds(data.bounds, { padding: [12, 12], maxZoom: 16, animate: false });
    // Before the tiles: where they have no such level as the map begins with, it would go to another by and by.
    view();
    locatorBaseMap.add(map, data.base, data.credits);
    map.getContainer().classList.add("is-light");
    fill(map, layers);
    map.getContainer().parentElement.before(element("p", "map-summary", data.summary));
    map.invalidateSize({ animate: false });
    view();
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
    legend(map, layers);
    describeControls(map);
    const close = () => map.getContainer().classList.toggle("is-close", map.getZoom() >= CLOSE_ZOOM);
    map.on("zoomend", close);
    close();
    document.documentElement.dataset.mapReady = "yes";
  }

  return { ...of, start };
})();
