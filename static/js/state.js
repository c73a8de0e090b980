// The state of a station at a moment, from the hours that the server evaluated: open, closing soon, closed …

const CLOSING_SOON_MINUTES = 30;
const WEEK_MINUTES = 7 * 24 * 60;
const usable = (state) => state === "open" || state === "self_service";

// `hours` are [start, end, state] in minutes since 1970, ascending; what lies between is closed.
export function stateAt(hours, now) {
  const index = hours.findIndex(([, end]) => end > now);
  if (index < 0 || hours[index][0] > now) {
    const next = hours.slice(Math.max(index, 0)).find(([start, , state]) => start > now && usable(state));
    return { state: "closed", opens: next ? next[0] : null };
  }
  const [, , state] = hours[index];
  if (!usable(state)) return { state, opens: null };
  let until = hours[index][1];
  for (let i = index + 1; i < hours.length && hours[i][0] === until && usable(hours[i][2]); i++) until = hours[i][1];
  // What lasts to the end of what we were sent lasts for ever, as far as we know.
  const always = until - now >= WEEK_MINUTES;
  return { state: until - now < CLOSING_SOON_MINUTES ? "closing_soon" : state, until: always ? null : until };
}

export const isUsable = ({ state }) => state !== "closed" && state !== "unknown";

// Return the words for a moment as seen from now, in the data's time zone: 22:00, tomorrow 02:00, Mon 08:00.
export function clockText(minute, now, { zone, locale, words }) {
  const tag = locale === "zh" ? "zh-CN" : "en-GB";
  const day = (m) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date(m * 60000));
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" }).format(new Date(minute * 60000));
  if (day(minute) === day(now)) return clock;
  if (day(minute) === day(now + 24 * 60)) return words.tomorrow.replace("{clock}", clock);
  if (Date.parse(day(minute)) - Date.parse(day(now)) >= WEEK_MINUTES * 60000) return `${day(minute)} ${clock}`;
  const weekday = new Intl.DateTimeFormat(tag, { timeZone: zone, weekday: "short" }).format(new Date(minute * 60000));
  return `${weekday} ${clock}`;
}

// Return that a station is shut when one sets out and open when one gets there; else nothing.
export function opensBeforeText(hours, found, now, arrives, page) {
  const { opens } = stateAt(hours, now);
  if (!isUsable(found) || !opens || opens > arrives) return "";
  const said = page.words.opens_before.replace("{time}", clockText(opens, now, page));
  return `${said.replace("{minutes}", Math.floor(arrives - opens))} · `;
}

export function stateText(found, station, now, page) {
  const parts = [page.states[found.state]];
  if (isUsable(found)) {
    parts.push(found.until ? page.words.until.replace("{time}", clockText(found.until, now, page)) : page.words.always);
  } else if (found.state === "unknown") parts.push(station.verified);
  else if (found.opens) parts.push(page.words.opens.replace("{time}", clockText(found.opens, now, page)));
  return parts.join(" · ");
}
