// Fill a Folium map with stations: markers by state, popups and legend as text, never as HTML.
"use strict";

globalThis.locatorMap = (() => {
  const data = JSON.parse(document.getElementById("map-data").textContent);

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function popup({ name, category, state, state_text, address, entry, facilities, missing, verified, illustrative, url }) {
    const box = element("div", "station-popup");
    box.append(element("h2", "", name));
    const line = element("p", `state state-${state}`);
    line.append(locatorStateShapes.draw(state), element("span", "", state_text));
    box.append(line);
    box.append(element("p", "muted", [category, address].filter(Boolean).join(" · ")));
    if (facilities.length) box.append(element("p", "", facilities.join(" · ")));
    if (missing.length) box.append(element("p", "muted", `${data.words.not_there}: ${missing.join(" · ")}`));
    box.append(element("p", "", entry));
    box.append(element("p", "muted", [verified, illustrative].filter(Boolean).join(" · ")));
    if (url) {
      const link = element("a", "", data.words.details);
      link.href = url;
      box.append(link);
    }
    return box;
  }

  const station = {
    marker({ properties }, at) {
      const icon = L.divIcon({
        html: locatorStateShapes.draw(properties.state),
        className: `station-marker state-${properties.state}`,
        iconSize: [30, 30],
      });
      // Leaflet writes the title as an attribute, not as HTML: it is what a screen reader says.
      return L.marker(at, { icon, title: `${properties.name} · ${properties.state_text}`, riseOnHover: true });
    },
    style: ({ properties }) => ({ className: `station-shape state-${properties.state}`, weight: 3, fillOpacity: 0.35 }),
    describe({ properties }, layer) {
      layer.bindPopup(() => popup(properties), { maxWidth: 280, maxHeight: 260 });
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

  function legend(map) {
    const control = L.control({ position: "bottomleft" });
    control.onAdd = () => {
      const box = element("div", "map-legend");
      box.append(element("h2", "", data.words.legend));
      for (const [state, label] of Object.entries(data.states)) {
        const line = element("p", `state state-${state}`);
        line.append(locatorStateShapes.draw(state), element("span", "", label));
        box.append(line);
      }
      return box;
    };
    control.addTo(map);
  }

  function showAreaNamesWhenClose(map) {
    const update = () => map.getContainer().classList.toggle("is-close", map.getZoom() >= 14);
    map.on("zoomend", update);
    update();
  }

  function openFocus(layer, map) {
    layer.eachLayer((one) => {
      if (one.feature.properties.id !== data.focus) return;
      map.setView(one.getLatLng ? one.getLatLng() : one.getBounds().getCenter(), 17);
      one.openPopup();
    });
  }

  function start(map, layers) {
    map.attributionControl.setPrefix(false);
    map.attributionControl.addAttribution(element("span", "", data.attribution).outerHTML);
    map.fitBounds(data.bounds, { padding: [24, 24], maxZoom: 16 });
    for (const [name, layer] of Object.entries(layers)) layer.addData(data[name]);
    legend(map);
    showAreaNamesWhenClose(map);
    if (data.focus) openFocus(layers.stations, map);
    document.documentElement.dataset.mapReady = "yes";
  }

  return { station, area, ground, start };
})();
