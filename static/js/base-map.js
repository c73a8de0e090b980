// Draw the base map that the operator chose, and what must always stand on a map: whom it is from, its review number.
"use strict";

globalThis.locatorBaseMap = (() => {
  // `said` is a text, and the address of a page or nothing; Leaflet takes HTML, so the text is made into that first.
  function credit({ text, url }) {
    const made = document.createElement(url ? "a" : "span");
    made.textContent = text;
    if (url) Object.assign(made, { href: url, target: "_blank", rel: "noopener" });
    return made.outerHTML;
  }

  function add(map, { tiles, options }, credits) {
    map.attributionControl.setPrefix(false);
    map.getContainer().classList.toggle("is-light", tiles.length > 0);
    for (const said of credits) map.attributionControl.addAttribution(credit(said));
    for (const address of tiles) L.tileLayer(address, { ...options, maxZoom: map.getMaxZoom() }).addTo(map);
  }

  return { add };
})();
