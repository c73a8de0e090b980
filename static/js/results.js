// Shows what a question found: the cards, how many there are, and what to loosen where there are none.

import { stationOfAddress } from "./address.js";
import { cardOf } from "./card.js";
import { distanceText } from "./distance-text.js";
import { element } from "./elements.js";
import { wholeStation } from "./whole-station.js";
import { clockText, page, said } from "./words.js";

const list = document.getElementById("list");
const count = document.getElementById("count");
const title = document.getElementById("results-title");
const OLD_MS = 3600 * 1000;

function button(text, act) {
  const made = element("button", "plain", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function emptyNotice({ loosened }, question, { loosen, clear }) {
  const isFiltered = question.needs.length || question.flags.length;
  const label = (code) => page.flags[code] ?? page.facilities[code];
  const ways = loosened.map(([codes, number]) =>
    button(said("without", { filter: codes.map(label).join(said("and_without")), count: number }), () => loosen(codes)));
  return element("div", "empty", element("p", "", said(isFiltered ? "none" : "nothing")),
    element("p", "actions", ...ways, button(said("show_all"), clear)));
}

function titleOf(question) {
  if (question.text) return said("found", { text: question.text });
  if (question.place) return said("nearest");
  if (question.community !== null) return question.community || said("no_community");
  return said("all");
}

// Without a connection, or with stations of an hour ago, the reader is told how old they are.
function age({ asOf, zone }, now) {
  const time = clockText(asOf / 60000, now, zone);
  if (!navigator.onLine) return said("offline", { time });
  return Date.now() - asOf < OLD_MS ? "" : said("as_of", { time });
}

// Put new cards in the list; whoever was at one of the old ones is at the same station again.
function replaceCards(...children) {
  const at = list.contains(document.activeElement) && document.activeElement.closest(".card")?.dataset.id;
  list.replaceChildren(...children);
  if (at) list.querySelector(`.card[data-id="${CSS.escape(at)}"] a`)?.focus({ preventScroll: true });
}

// `acts`: more() shows more, loosen(codes) drops filters, clear() drops all.
export function show(answer, question, acts) {
  const { entries, matching, leftOut, zone } = answer;
  title.textContent = titleOf(question);
  // It leads to places in the server's list.
  document.getElementById("jump")?.remove();
  const { gathered } = answer;
  const within = gathered && !gathered.isComplete && gathered.within !== null
    ? said("looked_within", { count: gathered.count, distance: distanceText(gathered.within) }) : "";
  const told = [gathered ? "" : said("count", { shown: entries.length, all: matching }), leftOut ? said("left_out", { count: leftOut }) : "", within, zone && age(answer, question.now)];
  // Said aloud by a screen reader, so only when it is another.
  const text = told.filter(Boolean).join(" · ");
  if (count.textContent !== text) count.textContent = text;
  const look = gathered && !gathered.isComplete ? [element("p", "actions", button(said("look_further"), acts.further))] : [];
  if (!matching) return list.replaceChildren(emptyNotice(answer, question, acts), ...look);
  const cards = element("ul", "cards", ...entries.map((entry) => cardOf(entry, question.now, zone, question.mode)));
  const rest = Math.min(page.limit, matching - entries.length);
  // A single one may be all that there is without a connection: the way there belongs to it.
  if (entries.length === 1) {
    cards.firstChild.append(...wholeStation(entries[0], zone, question.mode));
    if (stationOfAddress() === entries[0].id) document.title = entries[0].name;
  }
  return replaceCards(cards, ...(rest > 0 ? [element("p", "actions", button(said("more_button", { count: rest }), acts.more))] : []), ...look);
}
