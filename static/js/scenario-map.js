// The map of a scenario: a click takes a place into the form, a dragged station sends the form that moves it.
"use strict";

(() => {
  const frame = document.getElementById("scenario-map");
  const block = document.getElementById("scenario-data");
  if (!frame || !block || !globalThis.L) return;
  const data = JSON.parse(block.textContent);
  const status = document.getElementById("scenario-status");
  const DIGITS = 6;
  const SIZE = 16;
  const STYLES = {
    water: { color: "#cfe6f2", fill: true, fillOpacity: 1, weight: 1 },
    railway: { color: "#6b6b6b", dashArray: "6 4", weight: 1.5 },
    boundary: { color: "#9a8f7a", dashArray: "2 5", weight: 1.5 },
    main: { color: "#d9b26a", weight: 3 },
  };
  const MINOR = { color: "#c9c3b6", weight: 1.2 };

  const map = L.map(frame, { attributionControl: false });
  const ground = L.geoJSON(data.ground, {
    interactive: false,
    renderer: L.canvas(),
    style: ({ properties, geometry }) => ({
      fill: properties.kind === "water" && geometry.type.endsWith("Polygon"),
      ...(STYLES[properties.kind] ?? MINOR),
    }),
  }).addTo(map);
  // What was put far away by mistake must not make all else a dot: the middle one of all stations says where we are.
  const FAR_M = 200_000;
  const middle = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const home = L.latLng(middle(data.stations.map(({ lat }) => lat)) ?? 0, middle(data.stations.map(({ lon }) => lon)) ?? 0);
  const spots = data.stations.map(({ lon, lat }) => [lat, lon]).filter((spot) => home.distanceTo(spot) < FAR_M);
  if (spots.length) map.fitBounds(spots, { padding: [24, 24], maxZoom: 16 });
  else if (data.ground.length) map.fitBounds(ground.getBounds());
  else map.setView([28.8069, 113.0742], 13);

  function put(id, value) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }

  function place(form, { lat, lng }) {
    put(`${form}-lon`, lng.toFixed(DIGITS));
    put(`${form}-lat`, lat.toFixed(DIGITS));
  }

  let chosen = null;
  function choose(marker, station) {
    for (const form of ["move", "hours", "facilities", "close"]) put(`${form}-station`, station.id);
    chosen?.getElement()?.classList.remove("is-chosen");
    chosen = marker;
    marker.getElement().classList.add("is-chosen");
    status.textContent = [station.name, data.words[station.edit]].filter(Boolean).join(" · ");
  }

  for (const station of data.stations) {
    const icon = L.divIcon({
      className: `scenario-station${station.edit ? ` is-${station.edit}` : ""}`, iconSize: [SIZE, SIZE],
    });
    const marker = L.marker([station.lat, station.lon], {
      icon, draggable: data.edit && station.edit !== "close", keyboard: true,
    }).addTo(map);
    // A name is text, whatever stands in it.
    marker.getElement().title = station.name;
    marker.getElement().setAttribute("aria-label", station.name);
    marker.on("click", () => choose(marker, station));
    marker.on("dragend", () => {
      choose(marker, station);
      place("move", marker.getLatLng());
      document.getElementById("form-move").requestSubmit();
    });
  }

  const fresh = L.marker([0, 0], { icon: L.divIcon({ className: "scenario-new", iconSize: [SIZE, SIZE] }), interactive: false });
  map.on("click", ({ latlng }) => {
    if (!data.edit) return;
    fresh.setLatLng(latlng).addTo(map);
    place("open", latlng);
    put("open-site", "");
    document.getElementById("open-name").focus();
  });
  document.documentElement.dataset.mapReady = "yes";
})();
