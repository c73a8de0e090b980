// The nearest usable stations by the phone's own position, which is used here and sent nowhere.

import { cardOf } from "./card.js";
import { distanceTo } from "./distance.js";
import { isUsable, opensBeforeText, stateAt, stateText } from "./state.js";

const page = JSON.parse(document.getElementById("page-data").textContent);
const form = document.getElementById("search");
const status = document.getElementById("nearby-status");
const showClosed = document.getElementById("show-closed");
let stations = null;
let here = null;

function filters() {
  const chosen = new FormData(form);
  return { needs: chosen.getAll("needs"), open: chosen.has("open"), h24: chosen.has("h24"), noreg: chosen.has("noreg") };
}

function fits({ station, found }, { needs, h24, noreg }) {
  return needs.every((code) => station.has.includes(code)) && (!h24 || station.always) && (!noreg || station.registration === false)
    && (showClosed.checked || found.state !== "closed");
}

// Usable ones first, then those of which nobody knows, then closed ones; within that the nearest, then by code.
const rank = ({ found }) => (isUsable(found) ? 0 : found.state === "unknown" ? 1 : 2);

function ranked() {
  const now = Date.now() / 60000;
  return stations
    .map((station) => {
      const metres = distanceTo(station.place, here.longitude, here.latitude);
      const arrives = now + metres / page.walk_m_per_s / 60;
      // What counts is what one finds there.
      const found = stateAt(station.hours, arrives);
      const text = opensBeforeText(station.hours, found, now, arrives, page) + stateText(found, station, now, page);
      return { station, found, state: found.state, text, metres };
    })
    .filter((entry) => fits(entry, filters()))
    .sort((a, b) => rank(a) - rank(b) || a.metres - b.metres || (a.station.id < b.station.id ? -1 : 1));
}

function show() {
  if (!here || !stations) return;
  const found = ranked();
  const shown = found.slice(0, page.limit);
  document.getElementById("nearest").hidden = false;
  document.getElementById("nearest-list").replaceChildren(...shown.map((entry) => cardOf(entry, page)));
  document.getElementById("nearest-count").textContent = shown.length
    ? page.words.count.replace("{shown}", shown.length).replace("{all}", stations.length)
    : page.words.none;
}

function keepInUrl() {
  const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  const language = new URLSearchParams(location.search).get("lang");
  if (language) chosen.set("lang", language);
  history.replaceState(null, "", `${location.pathname}${chosen.size ? `?${chosen}` : ""}`);
}

async function load() {
  const answer = await fetch(page.stations);
  if (!answer.ok) throw new Error(answer.statusText);
  stations = (await answer.json()).stations;
}

function position() {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords), reject, {
      enableHighAccuracy: true, timeout: 15000, maximumAge: 30000,
    });
  });
}

async function locate() {
  status.textContent = page.words.locating;
  const [place, list] = await Promise.allSettled([position(), stations ? null : load()]);
  if (place.status === "rejected") status.textContent = page.words.denied;
  else if (list.status === "rejected") status.textContent = page.words.failed;
  else {
    here = place.value;
    status.textContent = page.words.private;
    show();
    document.getElementById("nearest").scrollIntoView({ block: "start" });
  }
}

if ("geolocation" in navigator) {
  document.getElementById("nearby").hidden = false;
  document.getElementById("locate").addEventListener("click", locate);
}
form.addEventListener("change", (event) => {
  if (event.target.type !== "checkbox") return;
  keepInUrl();
  // Before there is a position the server filters its own list; afterwards the phone does.
  if (here) show();
  else form.requestSubmit();
});
showClosed.addEventListener("change", show);
// A state grows old while the page lies open.
setInterval(show, 60000);
