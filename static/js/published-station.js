// The state of a station on a page that is a file: computed here and now, from the hours that the site was published with.

import { element } from "./elements.js";
import { readStations } from "./columns.js";
import { stateAt } from "./state.js";
import { stateText } from "./words.js";

const article = document.querySelector("article.station");

function show(stations, row) {
  const now = Date.now() / 60000;
  const hours = stations.hours[stations.hoursRow[row]];
  const status = stations.status[row];
  const found = stateAt(hours, now);
  const state = status === "operating" ? found.state : "closed";
  const told = { found, foundNow: found, arrives: now, status, verified: stations.verified[row], holidaysUnknown: hours.holidaysUnknown };
  const line = element("p", `state state-${state}`, globalThis.locatorStateShapes.draw(state), element("span", "", stateText(told, now, stations.zone)));
  document.getElementById("state-now")?.replaceChildren(line);
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: stations.zone }).format(new Date());
  for (const day of document.querySelectorAll("tr[data-day]")) {
    const isToday = day.dataset.day === today;
    day.classList.toggle("today", isToday);
    day.querySelector(".badge").hidden = !isToday;
    if (isToday) day.setAttribute("aria-current", "date");
    else day.removeAttribute("aria-current");
  }
}

async function start() {
  const answer = await fetch(article.dataset.stations);
  if (!answer.ok) return;
  const stations = readStations(await answer.json());
  const row = stations.id.indexOf(article.dataset.id);
  if (row < 0) return;
  show(stations, row);
  setInterval(() => document.hidden || show(stations, row), 60000);
}

// Without the hours the page has the week, which is all that it can say.
if (article.dataset.stations) start().catch(() => {});
