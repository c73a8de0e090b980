// Fill a Folium map with stations: markers by state, popups and legend as text, never as HTML.
"use strict";

globalThis.locatorMap = (() => {
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const layers = new Map();
  const NARROW = 480;
  const LOW = 200;  // so low, the legend would lie on all of the map; popups and the list have its words
  let clusters = null;
  let drawn = null;
  let map = null;

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function stateLine(state, text) {
    const line = element("p", `state state-${state}`);
    line.append(locatorStateShapes.draw(state), element("span", "", text));
    return line;
  }

  // What a page says once for many stations, put together for one.
  function said({ id, name, state, address, says, has, lacks, url }) {
    const [state_text, category, entry, verified, illustrative] = says.map((number) => data.texts[number]);
    const labels = (numbers) => numbers.map((number) => data.facilities[number]);
    return { id, name, state, address, url, state_text, category, entry, verified, illustrative, facilities: labels(has), missing: labels(lacks) };
  }

  function popup(properties) {
    const { name, category, state, state_text, address, entry, facilities, missing, verified, illustrative, url } = said(properties);
    const box = element("div", "station-popup");
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", name);
    box.tabIndex = -1;
    box.append(element("h2", "", name), stateLine(state, state_text));
    box.append(element("p", "muted", [category, address].filter(Boolean).join(" · ")));
    if (facilities.length) box.append(element("p", "", facilities.join(" · ")));
    if (missing.length) box.append(element("p", "muted", `${data.words.not_there}: ${missing.join(" · ")}`));
    box.append(element("p", "", entry));
    box.append(element("p", "muted", [verified, illustrative].filter(Boolean).join(" · ")));
    if (url) {
      const link = element("a", "", data.words.details);
      link.href = url;
      if (data.view.new_tab) Object.assign(link, { target: "_blank", rel: "noopener" });
      box.append(link);
    }
    return box;
  }

  // How large a popup may be; a small map has little room.
  const room = { maxWidth: 280, maxHeight: 260 };
  function measureRoom() {
    const { x, y } = map.getSize();
    Object.assign(room, { maxWidth: Math.min(280, x - 60), maxHeight: Math.max(90, Math.min(260, y - 110)) });
    map.getContainer().classList.toggle("is-narrow", x < NARROW);
    map.getContainer().classList.toggle("is-low", y < LOW);
  }

  // One icon a state, drawn when a marker comes into view: ten thousand at once would take a second.
  const StateIcon = L.DivIcon.extend({
    createIcon(old) {
      const div = L.DivIcon.prototype.createIcon.call(this, old);
      div.replaceChildren(locatorStateShapes.draw(this.options.state));
      return div;
    },
  });
  const icons = new Map();
  function iconOf(state) {
    if (!icons.has(state)) {
      icons.set(state, new StateIcon({ html: false, state, className: `station-marker state-${state}`, iconSize: [30, 30] }));
    }
    return icons.get(state);
  }

  const station = {
    marker({ properties }, at) {
      // Leaflet writes the title as an attribute, not as HTML: it is what a screen reader says.
      const title = `${properties.name} · ${data.texts[properties.says[0]]}`;
      // Closed ones lie beneath those that can be used.
      const zIndexOffset = properties.state === "closed" ? -500 : 0;
      return L.marker(at, { icon: iconOf(properties.state), title, riseOnHover: true, zIndexOffset });
    },
    style: ({ properties }) => ({ className: `station-shape state-${properties.state}`, weight: 3, fillOpacity: 0.35 }),
    describe(feature, layer) {
      layer.feature = feature;
      layers.set(feature.properties.id, layer);
      layer.bindPopup(() => popup(feature.properties), room);
      layer.on("popupopen", () => tell("select", said(feature.properties)));
    },
  };

  const area = {
    style: () => ({ className: "ground-area", weight: 1, fill: false, interactive: false }),
    describe({ properties }, layer) {
      layer.bindTooltip(() => element("span", "", properties.name), {
        permanent: true, direction: "center", className: "area-name",
      });
    },
  };

  const WIDTHS = { main: 4, minor: 2, path: 1, water: 1, railway: 2, boundary: 2 };
  const ground = {
    style: ({ properties, geometry }) => ({
      className: `ground-${properties.kind}`,
      weight: WIDTHS[properties.kind] ?? 2,
      fill: geometry.type.endsWith("Polygon") && properties.kind === "water",
      fillOpacity: 1,
      interactive: false,
    }),
    describe() {},
  };

  function legend() {
    const control = L.control({ position: "bottomleft" });
    control.onAdd = () => {
      const box = element("details", "map-legend");
      box.open = map.getSize().x >= NARROW;
      box.append(element("summary", "", data.words.legend));
      for (const [state, label] of Object.entries(data.states)) box.append(stateLine(state, label));
      L.DomEvent.disableClickPropagation(box);
      return box;
    };
    control.addTo(map);
  }

  function nameControls() {
    const words = { ".leaflet-control-zoom-in": "zoom_in", ".leaflet-control-zoom-out": "zoom_out", ".leaflet-control-layers-toggle": "layers" };
    const name = (selector, word) => {
      const found = map.getContainer().querySelector(selector);
      found?.setAttribute("title", word);
      found?.setAttribute("aria-label", word);
    };
    for (const [selector, key] of Object.entries(words)) name(selector, data.words[key]);
    map.on("popupopen", () => name(".leaflet-popup-close-button", data.words.close));
  }

  // The legend stands above the credits, however many lines these need.
  function keepCreditsFree() {
    const credits = map.attributionControl.getContainer();
    const corner = map.getContainer().querySelector(".leaflet-bottom.leaflet-left");
    const place = () => corner.style.setProperty("bottom", `${credits.offsetHeight}px`);
    place();  // before it is first painted: it would be seen to move
    new ResizeObserver(place).observe(credits);
  }

  function watchPopups() {
    const mark = ({ type }) => map.getContainer().classList.toggle("has-popup", type === "popupopen");
    map.on("popupopen popupclose", mark);
  }

  // Whoever opens a popup from a marker goes on inside it, and is at the marker again when it is closed.
  function leadFocus() {
    const container = map.getContainer();
    let opener = null;
    map.on("popupopen", ({ popup: { _source } }) => {
      const marker = _source?.getElement?.();
      opener = marker && document.activeElement === marker ? marker : null;
      if (opener) container.querySelector(".station-popup")?.focus({ preventScroll: true });
    });
    map.on("popupclose", () => {
      const at = document.activeElement;
      if (opener?.isConnected && (at === document.body || at.closest(".leaflet-popup"))) opener.focus({ preventScroll: true });
      opener = null;
    });
    container.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && container.classList.contains("has-popup")) {
        event.stopPropagation();
        map.closePopup();
      }
    });
  }

  // Whether the middle of a mark lies beneath a part of the map's frame, or too close to it for a finger.
  function hidesStation(part) {
    const { left, right, top, bottom } = part.getBoundingClientRect();
    return [...map.getContainer().querySelectorAll(".station-marker, .station-cluster")].some((one) => {
      const mark = one.getBoundingClientRect();
      const [x, y] = [(mark.left + mark.right) / 2, (mark.top + mark.bottom) / 2];
      return x > left - 16 && x < right + 16 && y > top - 16 && y < bottom + 16;
    });
  }

  // At first nothing lies upon a station: the legend is closed, and where that is not enough more is shown around them.
  function keepStationsFree({ bounds, center, zoom }) {
    const box = map.getContainer().querySelector(".map-legend");
    if (hidesStation(box)) box.open = false;
    const parts = [box, ...map.getContainer().querySelectorAll(".leaflet-control-zoom, .leaflet-control-layers")];
    if (center || zoom !== null || !parts.some(hidesStation)) return;
    map.fitBounds(bounds, { paddingTopLeft: [64, 28], paddingBottomRight: [64, 84], maxZoom: 16, animate: false });
  }

  function showAreaNamesWhenClose() {
    const update = () => map.getContainer().classList.toggle("is-close", map.getZoom() >= 14);
    map.on("zoomend", update);
    update();
  }

  function addStations(layer) {
    drawn = layer;
    if (globalThis.locatorClusters) layer.addLayer((clusters = locatorClusters.group(data.words)));
    draw(data.stations.features);
  }

  // Where a station's marker stands: a yard or a park has one too, for from afar its ground is a speck.
  function markerPlace({ type, coordinates }) {
    if (type === "Point") return [coordinates[1], coordinates[0]];
    const shape = L.GeoJSON.geometryToLayer({ type: "Feature", geometry: { type, coordinates } });
    const rings = type.endsWith("Polygon") ? shape.getLatLngs().flat(type === "Polygon" ? 0 : 1) : [];
    return rings.length ? L.PolyUtil.polygonCenter(rings[0], L.CRS.EPSG3857) : L.featureGroup([shape]).getBounds().getCenter();
  }

  function draw(features) {
    const isPoint = ({ geometry }) => geometry.type === "Point";
    drawn.addData(features.filter((feature) => !isPoint(feature)));
    const markers = features.map((feature) => {
      const marker = station.marker(feature, markerPlace(feature.geometry));
      station.describe(feature, marker);
      return marker;
    });
    if (clusters) clusters.addLayers(markers);
    else for (const marker of markers) drawn.addLayer(marker);
  }

  // Say what the legend is of; where stations come later, so does their time.
  function nameLegend(text) {
    data.words.legend = text;
    const summary = map.getContainer().querySelector(".map-legend summary");
    if (summary) summary.textContent = text;
  }

  // Show stations beside those that are there; their sentences are among the data's already.
  function add(features) {
    data.stations.features.push(...features);
    draw(features);
  }

  // Mark a place, [lat, lon] as the base map has it; there is one of each kind.
  const places = {};
  function mark(kind, at) {
    places[kind]?.remove();
    const icon = L.divIcon({ html: "", className: `place-marker place-${kind}`, iconSize: [22, 22] });
    places[kind] = L.marker(at, { icon, title: data.words[kind], keyboard: false, zIndexOffset: 1000 }).addTo(map);
  }

  function select(id) {
    const layer = layers.get(id);
    if (!layer) return false;
    const at = layer.getLatLng ? layer.getLatLng() : layer.getBounds().getCenter();
    if (clusters?.hasLayer(layer)) clusters.zoomToShowLayer(layer, () => layer.openPopup());
    else {
      // At once: a popup that opens while the map still moves is not brought into view.
      map.setView(at, Math.max(map.getZoom(), 17), { animate: false });
      layer.openPopup();
    }
    return true;
  }

  function showFirst({ bounds, center, zoom, near, focus, wheel }) {
    if (!wheel) map.scrollWheelZoom.disable();
    map.fitBounds(bounds, { padding: [24, 24], maxZoom: 16 });
    if (center) map.setView(center, zoom ?? 15);
    else if (zoom !== null) map.setZoom(zoom);
    if (near) mark("near", near);
    return () => focus && select(focus);
  }

  function tell(name, detail) {
    document.dispatchEvent(new CustomEvent(`map-${name}`, { detail }));
  }

  function start(made, { background, areas, stations }) {
    map = made;
    locatorBaseMap.add(map, data.base, data.credits);
    // Tiles are sharp at whole levels alone; lines fill the room that there is.
    if (!data.base.tiles.length) map.options.zoomSnap = 0.25;
    measureRoom();
    map.on("resize", measureRoom);
    const openFocus = showFirst(data.view);
    background.addData(data.background);
    areas.addData(data.areas);
    addStations(stations);
    legend();
    nameControls();
    keepCreditsFree();
    watchPopups();
    leadFocus();
    showAreaNamesWhenClose();
    keepStationsFree(data.view);
    openFocus();
    performance.mark("map-ready");
    document.documentElement.dataset.mapReady = "yes";
  }

  return { data, station, area, ground, start, add, nameLegend, select, mark, said, get map() { return map; } };
})();
