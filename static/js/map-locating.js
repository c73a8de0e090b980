// The map's "where am I": the position is asked for and drawn here, and goes nowhere. Its texts stand in the page.

import { toGcj02 } from "./datum.js";

const CLOSE = 15;

// Take the map there when the button is tapped; where the device cannot tell, there is none.
export function offerLocating() {
  const button = document.getElementById("map-locate");
  const status = document.getElementById("map-status");
  if (!button) return;
  if (!navigator.geolocation) return void (button.hidden = true);
  const found = ({ coords: { longitude, latitude } }) => {
    const { map, mark, data } = globalThis.locatorMap;
    const [lon, lat] = data.base.datum === "gcj02" ? toGcj02(longitude, latitude) : [longitude, latitude];
    status.textContent = button.dataset.found;
    mark("you", [lat, lon]);
    map.setView([lat, lon], CLOSE);
  };
  button.addEventListener("click", () => {
    status.textContent = button.dataset.locating;
    navigator.geolocation.getCurrentPosition(found, () => (status.textContent = button.dataset.denied), {
      enableHighAccuracy: true, timeout: 15000, maximumAge: 30000,
    });
  });
}
