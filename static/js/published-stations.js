// The stations of a site of files for a map: all at once where they are few, else those of the cells in view.

import { openCells } from "./cells.js";
import { readStations } from "./columns.js";
import { page, stationAddress } from "./words.js";

// What a look at the map may fetch: a few cells, not a province.
const BUDGET_BYTES = 150_000;
// The base map may have its places some hundred metres from where they are (GCJ-02).
const MARGIN = 0.01;

async function json(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

// The page of a station names the file that holds it.
async function fileOf(code) {
  const answer = await fetch(stationAddress(code));
  if (!answer.ok) return "";
  const made = new DOMParser().parseFromString(await answer.text(), "text/html");
  return made.querySelector("article.station")?.dataset.stations ?? "";
}

// Return { all, within, placeOf }: `all` are the stations of a small site, null of a large one. `within` takes the
// corners of a box and returns { isComplete, fresh }; `placeOf` takes a station's code and returns [lon, lat] or null.
export async function openStations() {
  const placeIn = (stations, code) => {
    const row = stations.id.indexOf(code);
    return row < 0 ? null : [stations.lon[row], stations.lat[row]];
  };
  if (!page.cells) {
    const all = readStations(await json(page.snapshot));
    return { all, within: async () => ({ isComplete: true, fresh: [] }), placeOf: async (code) => placeIn(all, code) };
  }
  const cells = await openCells(page.cells);
  return {
    all: null,
    within: ([west, south, east, north]) =>
      cells.gatherWithin([west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN], BUDGET_BYTES),
    async placeOf(code) {
      const file = await fileOf(code);
      return file ? placeIn(readStations(await json(file)), code) : null;
    },
  };
}

// Load the scripts of the map one after the other, once the page has what they read.
export async function drawMap() {
  for (const address of JSON.parse(document.getElementById("map-scripts").textContent)) {
    await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      Object.assign(script, { src: address, onload: resolve, onerror: reject });
      document.head.append(script);
    });
  }
}
