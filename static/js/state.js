// The state of a station at a moment, from the hours that the server evaluated: open, closing soon, closed …

const CLOSING_SOON_MINUTES = 30;
export const WEEK_MINUTES = 7 * 24 * 60;
const usable = (state) => state === "open" || state === "self_service";

// Return the place of the first interval that ends after a moment.
function firstAfter(intervals, now) {
  let [low, high] = [0, intervals.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (intervals[middle][1] > now) high = middle;
    else low = middle + 1;
  }
  return low;
}

// Return the end of continuous use from interval `index` on; null: it never ends.
function usableUntil({ intervals, after, end }, index) {
  let until = intervals[index][1];
  for (let i = index + 1; i < intervals.length && intervals[i][0] === until && usable(intervals[i][2]); i++) {
    until = intervals[i][1];
  }
  return until === end && after && after[0] === end ? after[1] : until;
}

function nextUse({ intervals, after }, index) {
  for (let i = index; i < intervals.length; i++) if (usable(intervals[i][2])) return intervals[i][0];
  return after ? after[0] : null;
}

// Moments are minutes since 1970. `until` is when use ends (null: never), `opens` when it can next be used.
export function stateAt(hours, now) {
  const { intervals } = hours;
  if (now < hours.start || now >= hours.end) return { state: "unknown", until: null, opens: null, isStale: true };
  const index = firstAfter(intervals, now);
  if (index === intervals.length || intervals[index][0] > now) {
    return { state: "closed", until: null, opens: nextUse(hours, index) };
  }
  const state = intervals[index][2];
  if (!usable(state)) return { state, until: null, opens: nextUse(hours, index) };
  const until = usableUntil(hours, index);
  return { state: until !== null && until - now < CLOSING_SOON_MINUTES ? "closing_soon" : state, until, opens: null };
}

export const isUsable = ({ state }) => state !== "closed" && state !== "unknown";

// Whether it can be used from `now` for some minutes without a break; ending exactly then counts.
export const usableFor = (found, now, minutes) => isUsable(found) && (found.until === null || found.until - now >= minutes);

// Return the stretches of a day in which it can be used, those that touch as one; null where nobody knows.
export function usesBetween({ intervals }, from, to) {
  const uses = [];
  for (let i = firstAfter(intervals, from); i < intervals.length && intervals[i][0] < to; i++) {
    const [start, end, state] = intervals[i];
    if (!usable(state)) return null;
    const last = uses.at(-1);
    if (last && last[1] === start) last[1] = Math.min(end, to);
    else uses.push([Math.max(start, from), Math.min(end, to)]);
  }
  return uses;
}
