// All that the phone knows of one station: its week, how one gets in, what it has; it may stand for the station's page.

import { element, icon } from "./elements.js";
import { navigationOf } from "./navigation.js";
import { dayText, hoursText, page, said } from "./words.js";

// The coming week of a station, today first; nothing where nobody knows a day of it.
function weekOf({ week, status }, zone) {
  if (status !== "operating" || week.every(([, uses]) => uses === null)) return "";
  const rows = week.map(([start, uses], number) => {
    const [name, date] = dayText(start, zone);
    const day = element("th", "", `${name} `, element("span", "date", date), number ? "" : element("span", "badge", said("today_badge")));
    day.scope = "row";
    return element("tr", number ? "" : "today", day, element("td", "", hoursText(uses, zone) || page.states.unknown));
  });
  return element("div", "week-frame", element("table", "week", element("caption", "unseen", said("week")), element("tbody", "", ...rows)));
}

const heading = (text) => element("h4", "", text);

// As on the server's page of a station; door, floor and parking are not among what a phone keeps.
function stepsOf({ entry: { ways, registration }, host }) {
  const step = (name, text) => element("li", "", icon(name), element("span", "", text));
  const steps = [
    host && step("house", said("premises", { host })),
    registration && step("id-card", said(`registration_${registration}`)),
    ways.length && step("check", [ways.map((way) => page.ways[way]).join(said("or")),
      ways.length === 1 && ways[0] === "face" && said("face_only")].filter(Boolean).join(" · ")),
  ].filter(Boolean);
  return steps.length ? [heading(said("how_in")), element("ol", "steps", ...steps)] : [];
}

function facilitiesOf({ facilities }) {
  const codes = (wanted) => facilities.filter(([, there]) => there === wanted).map(([code]) => code);
  const list = (kind, name, wanted) =>
    element("ul", `facilities ${kind}`, ...codes(wanted).map((code) => element("li", "", icon(name), page.facilities[code])));
  const unknown = codes(null).length;
  return [
    ...(codes(true).length ? [heading(said("there")), list("yes", "check", true)] : []),
    ...(codes(false).length ? [heading(said("not_there")), list("no", "x", false)] : []),
    ...(unknown ? [element("p", "small", said("unknown_of", { count: unknown }))] : []),
  ];
}

export function wholeStation(entry, zone, mode) {
  return [navigationOf(entry, mode), ...stepsOf(entry), weekOf(entry, zone), ...facilitiesOf(entry)];
}
