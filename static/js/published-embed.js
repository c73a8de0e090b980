// The map of a site of files inside another page: reads the address as the server would, by the table EMBED of
// locator/web/embedding.py, chooses the stations, and then goes on as any embed does (embed.js).

import { hasFacility } from "./columns.js";
import { toGcj02 } from "./datum.js";
import { geometryDistance } from "./distance.js";
import { keepForOffline } from "./installing.js";
import { drawMap, openStations } from "./published-stations.js";
import { stateAt, usableFor, WEEK_MINUTES } from "./state.js";
import { featuresOf } from "./station-features.js";
import { clockText, page, said } from "./words.js";

const mapBlock = document.getElementById("map-data");
const embedBlock = document.getElementById("embed-data");
const data = JSON.parse(mapBlock.textContent);
const embedded = JSON.parse(embedBlock.textContent);
const WIDE = 0.03;
const now = () => Date.now() / 60000;

const number = (text, low, high) => {
  const value = Number(text);
  if (text.trim() === "" || !(value >= low && value <= high)) throw new Error("number");
  return value;
};
const numbers = (text, count) => {
  const parts = text.split(",");
  if (parts.length !== count) throw new Error("count");
  return parts.map((part, place) => (place % 2 ? number(part, -90, 90) : number(part, -180, 180)));
};
const one = (choices) => (text) => {
  if (!choices.includes(text)) throw new Error("choice");
  return text;
};
const flag = (text) => ["true", "1", "yes", "on"].includes(one(["true", "1", "yes", "on", "false", "0", "no", "off"])(text.toLowerCase()));
const whole = (low, high) => (text) => {
  if (!/^\d+$/.test(text)) throw new Error("whole");
  return number(text, low, high);
};
const box = (text) => {
  const [west, south, east, north] = numbers(text, 4);
  if (south > north || west > east) throw new Error("order");
  return [west, south, east, north];
};

const READERS = {
  center: (text) => numbers(text, 2), bbox: box, near: (text) => numbers(text, 2), station: String,
  needs: (text) => text.split(",").map((code) => code.trim()).filter(Boolean).map((code) => one(Object.keys(page.facilities))(code)),
  open_now: flag, h24: flag, scroll: flag, list: one(["yes", "no", "only"]), theme: one(["auto", "light", "dark"]),
  zoom: whole(3, 20), limit: whole(1, 100), lang: one(Object.keys(embedded.homes)),
};
const DEFAULTS = { center: null, bbox: null, near: null, station: "", needs: [], open_now: false, h24: false, scroll: false,
  list: "yes", theme: "auto", zoom: null, limit: 10, lang: "" };

// Return what the address asks; throws the name of what cannot be read.
function read(search) {
  const asked = { ...DEFAULTS };
  for (const [name, text] of new URLSearchParams(search)) {
    if (!text && name !== "station") continue;
    try {
      asked[name] = READERS[name](text);
    } catch {
      throw name;
    }
  }
  return asked;
}

// The page in the language that is asked for, or that the reader's browser likes best, is another file.
function home(asked) {
  const liked = asked.lang ? [asked.lang] : navigator.languages.map((tag) => tag.split("-")[0].toLowerCase());
  const language = liked.find((code) => code in embedded.homes) ?? page.locale;
  return language === page.locale ? "" : embedded.homes[language];
}

function fits(stations, row, asked) {
  const hours = stations.hours[stations.hoursRow[row]];
  const isOperating = stations.status[row] === "operating";
  const found = stateAt(hours, now());
  const [lon, lat] = [stations.lon[row], stations.lat[row]];
  if (asked.bbox) {
    const [west, south, east, north] = asked.bbox;
    if (lon < west || lon > east || lat < south || lat > north) return false;
  }
  if (asked.open_now && (!isOperating || found.state === "closed")) return false;
  if (asked.h24 && !(isOperating && usableFor(found, now(), WEEK_MINUTES))) return false;
  return asked.needs.every((code) => hasFacility(stations, row, code) === true);
}

const chosen = (stations, asked, into) =>
  featuresOf(stations, Array.from({ length: stations.count }, (_, row) => row).filter((row) => fits(stations, row, asked)), into, now());

const onMap = ([lon, lat]) => (data.base.datum === "gcj02" ? toGcj02(lon, lat) : [lon, lat]);
const around = ([lon, lat]) => [lon - WIDE, lat - WIDE, lon + WIDE, lat + WIDE];

function setView(asked, place) {
  const { view } = data;
  const turned = (pair) => pair && [...onMap(pair)].reverse();
  Object.assign(view, { center: turned(asked.center ?? asked.near ?? place), zoom: asked.zoom ?? (place ? 16 : null), near: turned(asked.near),
    focus: asked.station, wheel: asked.scroll });
  if (asked.bbox) view.bounds = [[asked.bbox[0], asked.bbox[1]], [asked.bbox[2], asked.bbox[3]]].map(turned);
}

// The list's order: usable ones first, then those of which nobody knows; where a place is asked for the nearest first.
function ordered(features, asked) {
  const rank = ({ properties: { state } }) => ({ closed: 2, unknown: 1 })[state] ?? 0;
  const place = asked.near ?? asked.center;
  const at = place && onMap(place);
  return features
    .map((feature) => ({ feature, metres: at ? geometryDistance(feature.geometry, ...at) : undefined }))
    .sort((a, b) => rank(a.feature) - rank(b.feature) || (a.metres ?? 0) - (b.metres ?? 0)
      || (a.feature.properties.id < b.feature.properties.id ? -1 : 1))
    .map((entry) => (asked.near ? entry : { feature: entry.feature }));
}

function problem(text) {
  document.querySelector("main")?.remove();
  mapBlock.remove();
  const box = document.createElement("div");
  box.className = "embed-problem";
  box.append(Object.assign(document.createElement("p"), { textContent: text }));
  document.querySelector(".embed-side").replaceChildren(box);
}

async function start() {
  let asked;
  try {
    asked = read(location.search);
  } catch (name) {
    problem(said("embed_problem", { name: String(name) }));
    await import("./embed.js");
    return;
  }
  const other = home(asked);
  if (other) return void location.replace(other + location.search + location.hash);
  document.documentElement.dataset.theme = asked.theme;
  document.body.classList.replace("list-yes", `list-${asked.list}`);
  if (asked.list === "only") document.querySelector("main.embed-map").remove();
  if (asked.list === "no") document.querySelector(".embed-side").remove();
  const opened = await openStations();
  const place = opened.all || !asked.station ? null : await opened.placeOf(asked.station);
  const first = asked.bbox ?? (asked.near ?? asked.center ?? place ? around(asked.near ?? asked.center ?? place) : null);
  const parts = opened.all ? [opened.all] : first ? (await opened.within(first)).fresh : [];
  data.stations.features = parts.flatMap((stations) => chosen(stations, asked, data));
  if (parts.length) data.words.legend = said("state_at", { time: clockText(now(), now(), parts[0].zone) });
  setView(asked, place);
  mapBlock.textContent = JSON.stringify(data);
  embedBlock.textContent = JSON.stringify({ ...embedded, limit: asked.limit });
  if (asked.list !== "only") await drawMap();
  const { data: shown, show } = await import("./embed.js");
  const time = said("state_at", { time: parts.length ? clockText(now(), now(), parts[0].zone) : "" });
  show(ordered(shown.stations.features, asked), parts.length ? time : said("come_closer"));
  if (!opened.all) more(opened, asked, shown);
}

// Of a large site: what comes into view, and what is around the person.
function more(opened, asked, target) {
  const map = globalThis.locatorMap;
  const gather = async (within) => {
    const { fresh } = await opened.within(within);
    const features = fresh.flatMap((stations) => chosen(stations, asked, target));
    if (map && fresh.length) map.nameLegend(said("state_at", { time: clockText(now(), now(), fresh[0].zone) }));
    if (map) map.add(features);
    else target.stations.features.push(...features);
  };
  globalThis.locatorAround = (lon, lat) => gather(around([lon, lat]));
  map?.map.on("moveend", () => {
    const bounds = map.map.getBounds();
    gather([bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()]).catch(() => {});
  });
}

keepForOffline(page, { renewed() {} });
await start().catch(() => problem(said("failed")));
