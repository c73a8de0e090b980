// A station's card in a list that the phone makes; it looks as the server's own, in templates/parts.html.

import { distanceText } from "./distance-text.js";
import { element, icon } from "./elements.js";
import { admissionText, minutesText, page, said, stateText, stationAddress, todayText, verifiedText } from "./words.js";

function markOf([code, there]) {
  const word = there === null ? "unknown" : there ? "yes" : "no";
  const sign = element("span", "mark-sign", { yes: "✓", no: "✕", unknown: "?" }[word]);
  sign.setAttribute("aria-hidden", "true");
  return element("li", `mark mark-${word}`, icon(page.facility_icons[code]), element("span", "", page.facilities[code]),
    sign, element("span", "unseen", said(word)));
}

function way(entry) {
  const minutes = (mode, name) => element("span", "way", icon(name), element("span", "unseen", said(`by_${mode}`)), minutesText(entry.metres, mode));
  return element("p", "distance", element("strong", "", distanceText(entry.metres)), minutes("walk", "footprints"), minutes("ebike", "motorbike"));
}

// The community, where the address does not name it already, and the address.
function whereOf({ where, community }) {
  if (!community || where.includes(community)) return where ? [where] : [];
  return [element("span", "community", community), ...(where ? [` · ${where}`] : [])];
}

export function cardOf(entry, now, zone, mode) {
  const card = element("li", "card");
  const state = entry.status === "operating" ? entry.found.state : "closed";
  Object.assign(card.dataset, { id: entry.id, state });
  if (entry.metres !== null) card.dataset.metres = entry.metres.toFixed(1);
  const link = element("a", "", entry.name);
  // Its page hands over to map apps for the same way of going.
  link.href = stationAddress(entry.id) + (mode === "ebike" ? "?mode=ebike" : "");
  const line = element("p", `state state-${state}`, globalThis.locatorStateShapes.draw(state), element("span", "", stateText(entry, now, zone)));
  card.append(element("h3", "", link));
  if (entry.metres !== null) card.append(way(entry));
  card.append(line);
  const where = whereOf(entry);
  if (where.length) card.append(element("p", "where", ...where));
  const today = todayText(entry, zone);
  if (today) card.append(element("p", "today-hours", icon("clock"), element("span", "", today)));
  card.append(element("p", "entry", icon("door-open"), element("span", "", admissionText(entry.entry))));
  card.append(element("ul", "marks", ...entry.marks.map(markOf)));
  if (entry.more.length) {
    card.append(element("p", "small", said("more", { facilities: entry.more.map((code) => page.facilities[code]).join(said("comma")) })));
  }
  const last = [page.categories[entry.category], verifiedText(entry.verified), entry.isIllustrative ? said("illustrative") : ""];
  card.append(element("p", "small", last.filter(Boolean).join(" · ")));
  return card;
}
