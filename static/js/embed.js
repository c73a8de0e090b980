// The map inside another page: its search, the nearest by the device's own position, and what is told to that page.

import { geometryDistance } from "./distance.js";
import { distanceText } from "./distance-text.js";

const read = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");
// What the map has, it goes on adding to; where only the list is shown there is none.
export const data = globalThis.locatorMap?.data ?? read("map-data");
const { words = {}, limit = 10 } = read("embed-data") ?? {};
const status = document.getElementById("embed-status");
const list = document.getElementById("embed-list");
const OLD_MS = 5 * 60 * 1000;
const TYPE = "station-map";
let host = null;

// What is told holds no position and no text that was typed. Only the page that said hello is told anything.
function tell(name, detail = {}) {
  // A page without an origin of its own, such as a file, cannot be named.
  if (host) parent.postMessage({ type: TYPE, name, detail }, host === "null" ? "*" : host);
}

function say(text) {
  if (status) status.textContent = text;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function lineOf({ id, name, state, address, says, url }, metres) {
  const line = element("li");
  line.dataset.id = id;
  const link = element("a", "", name);
  Object.assign(link, { href: url, target: "_blank", rel: "noopener" });
  const said = element("p", `state state-${state}`);
  said.append(globalThis.locatorStateShapes.draw(state), element("span", "", data.texts[says[0]]));
  const where = element("p", "embed-where");
  if (metres !== undefined) where.append(element("strong", "", distanceText(metres)), address ? " · " : "");
  where.append(address);
  line.append(link, said, where);
  return line;
}

export function show(entries, said) {
  if (!list) return;
  const shown = entries.slice(0, limit);
  list.replaceChildren(...shown.map(({ feature, metres }) => lineOf(feature.properties, metres)));
  const count = words.found.replace("{shown}", shown.length).replace("{all}", data.stations.features.length);
  say([entries.length ? count : words.none, said].filter(Boolean).join(" · "));
}

function search(text) {
  const wanted = text.trim().toLowerCase();
  const found = data.stations.features
    .filter(({ properties: { id, name, address } }) => `${id} ${name} ${address}`.toLowerCase().includes(wanted))
    .map((feature) => ({ feature }));
  show(found);
  tell("search", { by: "text", found: found.length });
  return found.length;
}

// Usable ones first, then those of which nobody knows, then closed ones; within that the nearest.
const rank = ({ feature }) => ({ closed: 2, unknown: 1 })[feature.properties.state] ?? 0;

async function placeOnMap({ longitude, latitude }) {
  if (data.base.datum !== "gcj02") return [longitude, latitude];
  const { toGcj02 } = await import("./datum.js");
  return toGcj02(longitude, latitude);
}

function locate() {
  if (!navigator.geolocation) return;
  say(words.locating);
  navigator.geolocation.getCurrentPosition(async ({ coords }) => {
    // Of a large site of files what is near comes only now.
    await globalThis.locatorAround?.(coords.longitude, coords.latitude).catch(() => {});
    const [lon, lat] = await placeOnMap(coords);
    const found = data.stations.features
      .map((feature) => ({ feature, metres: geometryDistance(feature.geometry, lon, lat) }))
      .sort((a, b) => rank(a) - rank(b) || a.metres - b.metres || (a.feature.properties.id < b.feature.properties.id ? -1 : 1));
    show(found, words.private);
    const map = globalThis.locatorMap;
    if (map) {
      map.mark("you", [lat, lon]);
      map.map.setView([lat, lon], 16);
    }
    tell("search", { by: "position", found: found.length });
  }, () => {
    say(words.denied);
    tell("error", { message: words.denied });
  }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 });
}

function wirePage() {
  const form = document.getElementById("embed-search");
  const button = document.getElementById("embed-locate");
  if (!form) return;
  button.hidden = !("geolocation" in navigator);
  button.addEventListener("click", locate);
  form.addEventListener("submit", (event) => {
    // What is not found here the finder may find: it knows pinyin and slips of the pen.
    if (search(document.getElementById("embed-q").value)) event.preventDefault();
  });
}

function telling() {
  let last = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (host && height !== last) tell("resize", { height: (last = height) });
  }).observe(document.body);
  document.addEventListener("map-select", ({ detail: { id, name, state, url } }) => tell("select", { id, name, state, url }));
}

const COMMANDS = {
  hello({ auto }) {
    document.documentElement.classList.toggle("is-auto", Boolean(auto));
    globalThis.locatorMap?.map?.invalidateSize();
    if (!data) return tell("error", { message: document.querySelector(".embed-problem p")?.textContent ?? "" });
    tell("ready", { stations: data.stations.features.length });
    tell("resize", { height: Math.ceil(document.body.getBoundingClientRect().height) });
  },
  select({ id }) {
    if (!globalThis.locatorMap?.select(String(id))) tell("error", { message: words.not_shown.replace("{code}", String(id).slice(0, 80)) });
  },
  locate,
  async view({ lon, lat, zoom }) {
    if (![lon, lat, zoom].every(Number.isFinite)) return;
    const [x, y] = await placeOnMap({ longitude: lon, latitude: lat });
    globalThis.locatorMap?.map?.setView([y, x], zoom);
  },
};

addEventListener("message", ({ source, origin, data: message }) => {
  if (source !== parent || parent === window || message?.type !== TYPE || !Object.hasOwn(COMMANDS, message.name)) return;
  if (message.name === "hello") host = origin;
  // Only the origin that said hello gives orders.
  if (host === origin) COMMANDS[message.name](message.detail ?? {});
});

wirePage();
telling();
// A state grows old while the page lies open: asked anew when nobody is at work with it.
const made = Date.now();
setInterval(() => {
  const isIdle = document.visibilityState === "visible" && !document.hasFocus() && !document.querySelector(".leaflet-popup");
  if (isIdle && Date.now() - made > OLD_MS) location.reload();
}, 30000);
