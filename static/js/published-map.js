// The map of a site of files: stations and their states are computed here and now. Of a small site all are drawn; of
// a large one those in view, once it shows little enough, and around the person who taps for that.

import { toGcj02 } from "./datum.js";
import { offerLocating } from "./map-locating.js";
import { drawMap, openStations } from "./published-stations.js";
import { featuresOf } from "./station-features.js";
import { clockText, said } from "./words.js";

const block = document.getElementById("map-data");
const status = document.getElementById("map-status");
const data = JSON.parse(block.textContent);
const CLOSE = 15;

const now = () => Date.now() / 60000;
const rowsOf = (stations) => Array.from({ length: stations.count }, (_, row) => row);
const onMap = (lon, lat) => (data.base.datum === "gcj02" ? toGcj02(lon, lat) : [lon, lat]);

async function prepare(code) {
  const opened = await openStations();
  if (opened.all) {
    data.stations.features = featuresOf(opened.all, rowsOf(opened.all), data, now());
    data.words.legend = said("state_at", { time: clockText(now(), now(), opened.all.zone) });
    data.view.focus = code;
    return opened;
  }
  const place = code ? await opened.placeOf(code) : null;
  if (place) {
    data.view.center = onMap(...place).reverse();
    data.view.zoom = CLOSE + 1;
  }
  return opened;
}

// Draw what came into view; the map's own list of sentences is the one that its popups read.
async function look(opened, code) {
  const { map, add, nameLegend, select, data: shown } = globalThis.locatorMap;
  const bounds = map.getBounds();
  const { isComplete, fresh } = await opened.within([bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()]);
  for (const stations of fresh) add(featuresOf(stations, rowsOf(stations), shown, now()));
  if (fresh.length) nameLegend(said("state_at", { time: clockText(now(), now(), fresh[0].zone) }));
  if (status) status.textContent = isComplete ? "" : said("come_closer");
  if (code) select(code);
}

async function start() {
  const code = new URLSearchParams(location.search).get("station") ?? "";
  const opened = await prepare(code).catch(() => null);
  block.textContent = JSON.stringify(data);
  await drawMap();
  if (!opened) return void (status && (status.textContent = said("failed")));
  offerLocating();
  if (opened.all) return;
  globalThis.locatorMap.map.on("moveend", () => look(opened).catch(() => (status.textContent = said("failed"))));
  await look(opened, code);
}

await start();
