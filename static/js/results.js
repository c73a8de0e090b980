// Shows what a question found: the cards, how many there are, and what to loosen where there are none.

import { cardOf } from "./card.js";
import { element } from "./elements.js";
import { navigationOf } from "./navigation.js";
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
  const ways = loosened.map(([code, number]) =>
    button(said("without", { filter: page.flags[code] ?? page.facilities[code], count: number }), () => loosen(code)));
  return element("div", "empty", element("p", "", said(isFiltered ? "none" : "nothing")),
    element("p", "actions", ...ways, button(said("show_all"), clear)));
}

function titleOf(question) {
  if (question.text) return said("found", { text: question.text });
  return said(question.place ? "nearest" : "all");
}

// Without a connection, or with data of an hour ago, the reader is told how old it is.
function age({ asOf, zone }, now) {
  if (navigator.onLine && Date.now() - asOf < OLD_MS) return "";
  return said("offline", { time: clockText(asOf / 60000, now, zone) });
}

// `acts`: more() shows more, loosen(code) drops a filter, clear() drops all.
export function show(answer, question, acts) {
  const { entries, matching, zone } = answer;
  title.textContent = titleOf(question);
  const told = [said("count", { shown: entries.length, all: matching }), age(answer, question.now)];
  count.textContent = told.filter(Boolean).join(" · ");
  if (!matching) return list.replaceChildren(emptyNotice(answer, question, acts));
  const cards = element("ul", "cards", ...entries.map((entry) => cardOf(entry, question.now, zone)));
  const rest = Math.min(page.limit, matching - entries.length);
  // A single one may be all that there is without a connection: the way there belongs to it.
  if (entries.length === 1) cards.firstChild.append(navigationOf(entries[0]));
  list.replaceChildren(cards, ...(rest > 0 ? [element("p", "actions", button(said("more_button", { count: rest }), acts.more))] : []));
}
