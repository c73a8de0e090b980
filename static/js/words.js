// What a card says in the reader's language: the sentences of locator/wording.py, from the words that the page has.

import { isUsable, WEEK_MINUTES } from "./state.js";

// Pages that are files share one with the words.
const block = document.getElementById("page-data");
export const page = block.dataset.src ? await (await fetch(block.dataset.src)).json() : JSON.parse(block.textContent);
export const stationAddress = (id) => page.station.replace("{id}", encodeURIComponent(id));
export const said = (name, details = {}) => filled(page.words[name], details);

const filled = (text, details) => text.replace(/\{(\w+)\}/g, (whole, name) => String(details[name] ?? whole));

const formats = new Map();
function parts(minute, zone) {
  if (!formats.has(zone)) {
    formats.set(zone, new Intl.DateTimeFormat("en-CA", {
      timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    }));
  }
  const found = Object.fromEntries(formats.get(zone).formatToParts(new Date(minute * 60000)).map(({ type, value }) => [type, value]));
  return { day: `${found.year}-${found.month}-${found.day}`, clock: `${found.hour}:${found.minute}` };
}

// Return a moment as people say it at another, in the data's time zone: 22:00, tomorrow 02:00, Mon 08:00.
export function clockText(minute, now, zone) {
  const { day, clock } = parts(minute, zone);
  const days = (Date.parse(day) - Date.parse(parts(now, zone).day)) / 86400000;
  if (days === 0) return clock;
  if (days === 1) return said("tomorrow", { clock });
  // 0 is a Sunday here and comes last there.
  return days > 0 && days < 7 ? `${page.weekdays[(new Date(day).getUTCDay() + 6) % 7]} ${clock}` : `${day} ${clock}`;
}

export function minutesText(metres, mode) {
  const minutes = Math.ceil(metres / page.speeds[mode] / 60);
  return minutes < 100 ? said("minutes", { minutes }) : said("hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

export const verifiedText = (day) => (day ? said("verified", { month: day.slice(0, 7) }) : said("never_verified"));

// Return the state on arrival as seen when one sets out, what comes next, and whether it opens on the way.
export function stateText({ found, foundNow, arrives, status, verified, holidaysUnknown }, now, zone) {
  if (status !== "operating") return page.statuses[status];
  const when = (minute) => clockText(minute, now, zone);
  const texts = [page.states[found.state]];
  if (isUsable(found)) {
    const always = found.until === null || found.until - now > WEEK_MINUTES;
    texts.push(always ? said("always") : said("until", { time: when(found.until) }));
  } else if (found.state === "unknown") texts.push(found.isStale ? said("stale") : verifiedText(verified));
  else if (found.opens !== null) texts.push(said("opens", { time: when(found.opens) }));
  if (holidaysUnknown.includes(Number(parts(arrives, zone).day.slice(0, 4)))) texts.push(said("holidays"));
  if (isUsable(found) && foundNow.opens !== null && foundNow.opens <= arrives && arrives > now) {
    texts.unshift(said("opens_before", { time: when(foundNow.opens), minutes: Math.floor(arrives - foundNow.opens) }));
  }
  return texts.join(" · ");
}

// Return whether the reader may go in, and what it takes.
export function admissionText({ ways, registration, admits }) {
  const texts = [page.admitted[admits ?? ""]];
  if (registration) texts.push(said(`registration_${registration}`));
  if (ways.length) texts.push(ways.map((way) => page.ways[way]).join(said("or")));
  if (ways.length === 1 && ways[0] === "face") texts.push(said("face_only"));
  return texts.join(" · ");
}

// Return the hours of a day; nothing where nobody knows them.
export function hoursText(uses, zone) {
  if (uses === null) return "";
  const clock = (minute, isEnd) => { const text = parts(minute, zone).clock; return isEnd && text === "00:00" ? "24:00" : text; };
  return uses.map(([start, end]) => `${clock(start, false)}\u2060–\u2060${clock(end, true)}`).join(said("comma")) || said("closed_today");
}

export function todayText({ today, status }, zone) {
  const hours = status === "operating" ? hoursText(today, zone) : "";
  return hours && said("today", { hours });
}

// Return the weekday of a moment and its date, as a week's table has them.
export function dayText(minute, zone) {
  const { day } = parts(minute, zone);
  const [, month, date] = day.split("-").map(Number);
  return [page.weekdays[(new Date(day).getUTCDay() + 6) % 7], `${month}/${date}`];
}
