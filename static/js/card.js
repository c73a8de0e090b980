// A station's card in the list of the nearest: built from data as text, never as HTML.

import { distanceText } from "./distance.js";

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

export function cardOf({ station, state, text, metres }, page) {
  const card = element("li", "card");
  card.dataset.id = station.id;
  card.dataset.state = state;
  card.dataset.metres = metres.toFixed(1);
  const link = element("a", "", station.name);
  link.href = station.url;
  const title = element("h3");
  title.append(link);
  const line = element("p", `state state-${state}`);
  line.append(globalThis.locatorStateShapes.draw(state), element("span", "", text));
  const distance = element("p", "distance");
  const minutes = Math.ceil(metres / page.walk_m_per_s / 60);
  distance.append(element("strong", "", distanceText(metres)), ` · ${page.words.walk.replace("{minutes}", minutes)}`);
  card.append(title, line, distance);
  if (station.address) card.append(element("p", "where", station.address));
  if (station.facilities.length) {
    const list = element("ul", "facilities");
    list.append(...station.facilities.map((label) => element("li", "", label)));
    card.append(list);
  }
  card.append(element("p", "entry", station.entry));
  const last = element("p", "small", [station.category, station.verified].join(" · "));
  if (station.illustrative) last.append(" · ", element("strong", "", page.words.illustrative));
  card.append(last);
  return card;
}
