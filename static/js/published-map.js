// The states on a map that is a file: computed here and now, before the map is drawn.

import { readStations } from "./columns.js";
import { stateAt } from "./state.js";
import { clockText, page, said, stateText } from "./words.js";

const block = document.getElementById("map-data");
const data = JSON.parse(block.textContent);

function tell(stations) {
  const now = Date.now() / 60000;
  const rows = new Map(stations.id.map((id, row) => [id, row]));
  for (const { properties } of data.stations.features) {
    const row = rows.get(properties.id);
    if (row === undefined) continue;
    const hours = stations.hours[stations.hoursRow[row]];
    const found = stateAt(hours, now);
    const status = stations.status[row];
    properties.state = status === "operating" ? found.state : "closed";
    // Sentences are numbered, those of all stations in one list; the first of each is its state.
    properties.says[0] = data.texts.push(stateText({ found, foundNow: found, arrives: now, status, verified: stations.verified[row], holidaysUnknown: hours.holidaysUnknown }, now, stations.zone)) - 1;
  }
  data.words.legend = said("state_at", { time: clockText(now, now, stations.zone) });
}

async function draw() {
  const station = new URLSearchParams(location.search).get("station");
  if (station) data.view.focus = station;
  block.textContent = JSON.stringify(data);
  for (const address of JSON.parse(document.getElementById("map-scripts").textContent)) {
    await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      Object.assign(script, { src: address, onload: resolve, onerror: reject });
      document.head.append(script);
    });
  }
}

const loaded = fetch(page.snapshot).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))));
await loaded.then((document) => tell(readStations(document))).catch(() => {});
await draw();
