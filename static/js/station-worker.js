// Loads the snapshot and answers questions about it, apart from the page, so that the page never stutters.
// A position comes in as a message and leaves in no way: the only request made here is for all stations.

import { hasFacility, readStations } from "./columns.js";
import { openCells } from "./cells.js";
import { listed, loosened, metresTo, nearest } from "./ranking.js";
import { byCommunity, meant, search, searchTexts } from "./searching.js";
import { stateAt, usesBetween } from "./state.js";

const DAY = 24 * 60;
let stations = null;
let order = null;
let texts = null;
let asOf = null;
let cells = null;

function hold(found) {
  stations = found;
  order = texts = null;
}

async function load({ address, cellsAt }) {
  if (cellsAt) {
    cells = await openCells(cellsAt);
    asOf = cells.asOf;
    stations = null;
    return { count: cells.count };
  }
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.statusText);
  asOf = Date.parse(answer.headers.get("date") ?? "") || Date.now();
  hold(readStations(await answer.json()));
  return { count: stations.count };
}

// Return the minutes since 1970 at which the day of a moment begins and ends in the data's time zone.
function dayAround(now) {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: stations.zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const [hours, minutes] = clock.format(new Date(now * 60000)).split(":").map(Number);
  const start = Math.floor(now) - hours * 60 - minutes;
  return [start, start + DAY];
}

// Return all that a card shows of a station.
function described({ row, metres, arrives, found }, { now, place, spokenOf }, isAlone) {
  const hours = stations.hours[stations.hoursRow[row]];
  const [start, end] = dayAround(now);
  return {
    id: stations.id[row],
    name: stations.name[row],
    category: stations.category[row],
    status: stations.status[row],
    where: stations.address[row] || stations.street[row],
    community: stations.community[row],
    host: stations.host[row],
    lon: stations.lon[row],
    lat: stations.lat[row],
    entry: stations.entry[row],
    verified: stations.verified[row],
    isIllustrative: stations.source[row] === "illustrative",
    marks: spokenOf.map((code) => [code, hasFacility(stations, row, code)]),
    more: stations.facilities.filter((code) => !spokenOf.includes(code) && hasFacility(stations, row, code)),
    metres: metres ?? (place ? metresTo(stations, row, place) : null),
    arrives, found,
    foundNow: stateAt(hours, now),
    holidaysUnknown: hours.holidaysUnknown,
    today: usesBetween(hours, start, end),
    // Of one alone everything is shown: it may be the page of a station without a connection.
    facilities: isAlone ? stations.facilities.map((code) => [code, hasFacility(stations, row, code)]) : [],
    week: isAlone ? Array.from({ length: 7 }, (_, day) => [start + day * DAY, usesBetween(hours, start + day * DAY, end + day * DAY)]) : [],
  };
}

// Return what a question finds: with a place the nearest, with a text those that it finds, else all by community.
async function find(asked) {
  const question = asked.text ? { ...asked, text: meant(asked.text, asked.oldCodes ?? {}) } : asked;
  const gathered = cells ? await cells.gather(question, stations) : null;
  if (gathered?.stations === null) return { zone: null, asOf, matching: 0, total: 0, entries: [], loosened: [], gathered };
  if (gathered && gathered.stations !== stations) hold(gathered.stations);
  order ??= byCommunity(stations);
  if (question.text) texts ??= searchTexts(stations);
  const rows = question.text ? search(stations, texts, question.text)
    : question.community === null ? order : order.filter((row) => stations.community[row] === question.community);
  const answer = (asked) => (asked.place ? nearest(stations, rows, asked) : listed(stations, rows, asked));
  const found = answer(question);
  return {
    zone: stations.zone, asOf,
    matching: found.matching,
    leftOut: found.leftOut ?? 0,
    total: rows.length,
    entries: found.rows.map((entry) => described(entry, question, found.rows.length === 1)),
    loosened: found.matching ? [] : loosened(answer, question),
    gathered: gathered && { isComplete: gathered.isComplete, within: gathered.within, count: stations.count },
  };
}

const answers = { load, find };

self.onmessage = async ({ data: { number, ask, question } }) => {
  try {
    self.postMessage({ number, answer: await answers[ask](question) });
  } catch (error) {
    self.postMessage({ number, error: String(error) });
  }
};
