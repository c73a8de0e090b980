// The stations of a large site, fetched cell by cell: as many as an answer needs. Twin of locator/publish/cells.py.

import { joined, readStations } from "./columns.js";
import { nearest } from "./ranking.js";
import { normalised, speller } from "./searching.js";

const RADIAN = Math.PI / 180;
// No metre on the WGS84 ellipsoid is longer than this one on a sphere, taken with geodetic latitudes: a(1 − e²), the
// radius of curvature of the meridian at the equator, is the least there is.
const LEAST_RADIUS = 6335439;
const PARTS = 32;

// Return metres that no place in a box is nearer than. On a sphere the nearest place of a box lies on the meridian of
// the place asked from where the box has it, else on the box's nearer side.
export function boxDistance([west, south, east, north], lon, lat) {
  const turn = (degrees) => Math.abs(((((degrees % 360) + 540) % 360) - 180));
  if ((((lon - west) % 360) + 360) % 360 <= east - west) {
    return LEAST_RADIUS * RADIAN * Math.max(0, south - lat, lat - north);
  }
  const side = Math.min(turn(lon - west), turn(lon - east)) * RADIAN;
  const [from, low, high] = [lat, south, north].map((degrees) => degrees * RADIAN);
  const best = Math.atan2(Math.sin(from), Math.cos(from) * Math.cos(side));
  const angle = (to) => {
    const half = Math.sin((to - from) / 2) ** 2 + Math.cos(from) * Math.cos(to) * Math.sin(side / 2) ** 2;
    return 2 * Math.asin(Math.min(1, Math.sqrt(half)));
  };
  const nearby = best >= low && best <= high ? [best] : [low, high];
  return LEAST_RADIUS * Math.min(...nearby.map(angle));
}

// Each key tells how many of its first digits are those of the one before, and the rest: locator/publish/cell_index.py.
function readKeys(told) {
  let before = "";
  return told.split(" ").map((key) => (before = before.slice(0, parseInt(key[0], 36)) + key.slice(1)));
}

// Return where a cell lies: each digit of its key is a quarter of what the digits before it are.
function boundsOf(key) {
  let [west, south, east, north] = [-180, -90, 180, 90];
  for (const digit of key) {
    const [x, y] = [(west + east) / 2, (south + north) / 2];
    [west, east] = digit & 1 ? [x, east] : [west, x];
    [south, north] = digit & 2 ? [y, north] : [south, y];
  }
  return [west, south, east, north];
}

// The box around a cell's stations: how far each side lies inside the cell, in parts of it.
function boxIn(key, sides) {
  const [west, south, east, north] = boundsOf(key);
  const [x, y] = [(east - west) / PARTS, (north - south) / PARTS];
  const [left, low, right, high] = [...sides].map((sign) => parseInt(sign, 36));
  return [west + left * x, south + low * y, east - right * x, north - high * y];
}

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.statusText);
  return answer;
}

// `index` and `communities` are addresses. What comes back keeps what was fetched and says how much that was.
export async function openCells({ index, communities }) {
  const answer = await fetched(index);
  const document = await answer.json();
  const folder = new URL("cells/", new URL(index, self.location.href));
  const cells = readKeys(document.keys).map((key, place) => ({
    bytes: 100 * document.hundreds[place],
    box: document.wide[place] ?? boxIn(key, document.boxes.slice(4 * place, 4 * place + 4)),
    address: new URL(`${key}.json?${document.digests.slice(6 * place, 6 * place + 6)}`, folder).href,
    stations: null,
  }));
  let names = null;
  let held = [];

  // What no phone had in hand a moment ago may be gone from the server with the index that named it.
  async function load(cell) {
    cell.stations ??= readStations(await (await fetched(cell.address)).json());
    held = null;
  }

  function all(before) {
    const loaded = cells.filter((cell) => cell.stations);
    if (!loaded.length) return null;
    if (before && held === before) return before;
    held = joined(loaded.map((cell) => cell.stations));
    return held;
  }

  const spent = () => cells.reduce((sum, cell) => sum + (cell.stations ? cell.bytes : 0), document.bytes);

  // Whether nothing that was not fetched can come before what is shown: the last of as many as are wanted is usable and
  // nearer than any other cell.
  function isEnough(stations, question, bound) {
    const rows = Array.from({ length: stations.count }, (_, row) => row);
    const { rows: found } = nearest(stations, rows, question);
    return found.length >= question.limit && found.at(-1).rank === 0 && found.at(-1).metres < bound;
  }

  async function gatherAround(question, before) {
    const { lon, lat } = question.place;
    const order = cells.map((cell) => ({ cell, bound: boxDistance(cell.box, lon, lat) })).sort((a, b) => a.bound - b.bound);
    let stations = all(before);
    for (const { cell, bound } of order) {
      if (cell.stations) continue;
      if (stations && isEnough(stations, question, bound)) return { stations, isComplete: true, within: bound };
      if (stations && spent() + cell.bytes > question.budget) return { stations, isComplete: false, within: bound };
      await load(cell);
      stations = all(stations);
    }
    return { stations, isComplete: true, within: null };
  }

  // Texts find communities first, and then what is in the cells of those.
  async function gatherNamed(question, before) {
    names ??= await (await fetched(communities)).json();
    const spell = speller(names.spelling);
    const spelled = (names.forms ??= names.names.map(spell));
    const words = normalised(question.text || question.community).split(" ").filter(Boolean);
    const wanted = new Set();
    const fits = [(form) => words.every((word) => form.includes(word)), (form) => words.some((word) => form.includes(word))];
    for (const fit of fits) {
      spelled.forEach((form, place) => fit(form) && names.cells[place].forEach((cell) => wanted.add(cell)));
      if (wanted.size) break;
    }
    let isComplete = true;
    for (const cell of [...wanted].map((place) => cells[place])) {
      if (cell.stations) continue;
      isComplete = spent() + cell.bytes <= question.budget + names.bytes;
      if (!isComplete) break;
      await load(cell);
    }
    return { stations: all(before), isComplete, within: null };
  }

  // Load the cells of a box (west, south, east, north), unless they are more than `budget` bytes; return whether it
  // was done, and the stations that came new.
  async function gatherWithin([west, south, east, north], budget) {
    const wanted = cells.filter(({ box: [w, s, e, n], stations }) => !stations && w <= east && e >= west && s <= north && n >= south);
    if (wanted.reduce((sum, cell) => sum + cell.bytes, 0) > budget) return { isComplete: false, fresh: [] };
    await Promise.all(wanted.map(load));
    return { isComplete: true, fresh: wanted.map((cell) => cell.stations) };
  }

  return {
    gatherWithin,
    count: document.count,
    asOf: Date.parse(answer.headers.get("date") ?? "") || Date.now(),
    spent,
    gather: (question, before) => (question.place && !question.text ? gatherAround : gatherNamed)(question, before),
  };
}
