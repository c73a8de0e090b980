// Which stations answer a question, in which order: the rules of locator/nearest.py and locator/web/selection.py.

import { cartesian, hasFacility } from "./columns.js";
import { overGround, pointDistance, shapeDistance } from "./distance.js";
import { isUsable, stateAt, usableFor, WEEK_MINUTES } from "./state.js";

// More than are shown are measured exactly: the first choice is by a rounder measure.
const SPARE = 16;
// Whoever is farther away than a week arrives after a week: MOST_TRAVEL_S in locator/query.py.
const MOST_TRAVEL_MINUTES = 7 * 24 * 60;

export function metresTo(stations, row, { lon, lat }) {
  const shape = stations.shapes.get(row);
  return shape ? shapeDistance(shape, lon, lat) : pointDistance(lon, lat, stations.lon[row], stations.lat[row]);
}

// Return rough metres to every station.
function roughMetres(stations, { lon, lat }) {
  const [x, y, z] = cartesian(lon, lat);
  const { xyz, count } = stations;
  const metres = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    metres[row] = overGround(Math.hypot(xyz[3 * row] - x, xyz[3 * row + 1] - y, xyz[3 * row + 2] - z));
  }
  for (const [row, shape] of stations.shapes) metres[row] = shapeDistance(shape, lon, lat);
  return metres;
}

// Whether a station has what is asked for, its hours apart.
export function fits(stations, row, { needs, flags }) {
  if (flags.includes("noreg") && stations.entry[row].registration !== "no") return false;
  return needs.every((code) => hasFacility(stations, row, code) === true);
}

export function fitsHours(found, at, flags) {
  if (flags.includes("h24") && !usableFor(found, at, WEEK_MINUTES)) return false;
  return !flags.includes("open") || found.state !== "closed";
}

// Usable ones first, then those of which nobody knows, then closed ones.
const rankOf = (found) => (isUsable(found) ? 0 : found.state === "unknown" ? 1 : 2);

// Return {rows, matching, leftOut}: the nearest of the rows that fit, each {row, metres, arrives, found}; how many fit at
// all; how many would but are out of service.
export function nearest(stations, rows, { place, now, minutesPerMetre, limit, ...filters }) {
  const rough = roughMetres(stations, place);
  const judged = (row, metres) => {
    const arrives = now + Math.min(metres * minutesPerMetre, MOST_TRAVEL_MINUTES);
    const found = stateAt(stations.hours[stations.hoursRow[row]], arrives);
    return { row, metres, arrives, found, rank: rankOf(found) };
  };
  const fitting = [];
  let leftOut = 0;
  for (const row of rows) {
    if (!fits(stations, row, filters)) continue;
    if (stations.status[row] !== "operating") {
      leftOut += 1;
      continue;
    }
    const entry = judged(row, rough[row]);
    if (fitsHours(entry.found, entry.arrives, filters.flags)) fitting.push(entry);
  }
  const keys = Float64Array.from(fitting, ({ rank, metres }) => rank * 1e9 + metres).sort();
  const last = keys[Math.min(limit + SPARE, keys.length) - 1];
  const exact = fitting
    .filter(({ rank, metres }) => rank * 1e9 + metres <= last)
    .map(({ row }) => judged(row, metresTo(stations, row, place)))
    .filter(({ found, arrives }) => fitsHours(found, arrives, filters.flags));
  exact.sort((a, b) => a.rank - b.rank || a.metres - b.metres || (stations.id[a.row] < stations.id[b.row] ? -1 : 1));
  return { rows: exact.slice(0, limit), matching: fitting.length, leftOut };
}

// Return {rows, matching} of the rows that fit, in their order; without a place the moment is now.
export function listed(stations, rows, { now, limit, ...filters }) {
  const fitting = [];
  for (const row of rows) {
    if (!fits(stations, row, filters)) continue;
    const found = stateAt(stations.hours[stations.hoursRow[row]], now);
    const judgesHours = filters.flags.includes("h24") || filters.flags.includes("open");
    if (judgesHours && (stations.status[row] !== "operating" || !fitsHours(found, now, filters.flags))) continue;
    fitting.push({ row, metres: null, arrives: now, found });
  }
  return { rows: fitting.slice(0, limit), matching: fitting.length };
}

const MOST_LOOSENED = 6;

// Return [filters, how many would fit without them]: the smallest sets that help, most first. Of rows that miss the
// fewest filters each is left exactly when all that it misses are let go of. `answer` finds the rows of a question.
export function loosened(answer, question) {
  const used = [...question.flags, ...question.needs];
  if (!used.length) return [];
  const only = (code) => ({
    ...question, limit: Infinity, needs: question.needs.filter((one) => one === code), flags: question.flags.filter((one) => one === code),
  });
  const all = answer({ ...question, limit: Infinity, needs: [], flags: [] }).rows.map(({ row }) => row);
  const missed = new Map(all.map((row) => [row, []]));
  for (const code of used) {
    const fitting = new Set(answer(only(code)).rows.map(({ row }) => row));
    for (const row of all) if (!fitting.has(row)) missed.get(row).push(code);
  }
  const fewest = [...missed.values()].reduce((least, { length }) => Math.min(least, length), Infinity);
  const sets = new Map();
  for (const codes of missed.values()) {
    if (!codes.length || codes.length > fewest) continue;
    const key = codes.join(" ");
    sets.set(key, [codes, (sets.get(key)?.[1] ?? 0) + 1]);
  }
  return [...sets.values()].sort(([, a], [, b]) => b - a).slice(0, MOST_LOOSENED);
}
