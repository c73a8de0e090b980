// Metres from a place to a station, on the WGS84 ellipsoid's own curvature: exact to a metre over a city.

const A = 6378137;
const E2 = 0.00669437999014;
const RADIAN = Math.PI / 180;

// Return a function that turns [lon, lat] into [east, north] in metres from a place.
function localMetres(lon0, lat0) {
  return ([lon, lat]) => {
    const middle = ((lat + lat0) / 2) * RADIAN;
    const w = 1 - E2 * Math.sin(middle) ** 2;
    const meridian = (A * (1 - E2)) / w ** 1.5;
    const parallel = (A / Math.sqrt(w)) * Math.cos(middle);
    const turn = ((lon - lon0 + 540) % 360) - 180;
    return [turn * RADIAN * parallel, (lat - lat0) * RADIAN * meridian];
  };
}

function toSegment([ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const length2 = dx * dx + dy * dy;
  const along = length2 ? Math.min(1, Math.max(0, -(ax * dx + ay * dy) / length2)) : 0;
  return Math.hypot(ax + along * dx, ay + along * dy);
}

// Whether the origin lies inside a ring, by counting the edges that a ray crosses.
function isInside(ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [ring[i], ring[j]];
    if (yi > 0 !== yj > 0 && 0 < ((xj - xi) * -yi) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

// `place` is [lon, lat], or rings of a polygon (0 inside, else to the boundary), or single points as rings of one.
export function distanceTo(place, lon, lat) {
  const local = localMetres(lon, lat);
  if (typeof place[0] === "number") return Math.hypot(...local(place));
  const rings = place.map((ring) => ring.map(local));
  // Holes turn inside out again: an odd number of rings around the place means inside.
  if (rings.filter((ring) => ring.length > 3 && isInside(ring)).length % 2) return 0;
  let best = Infinity;
  for (const ring of rings) {
    if (ring.length === 1) best = Math.min(best, Math.hypot(...ring[0]));
    for (let i = 1; i < ring.length; i++) best = Math.min(best, toSegment(ring[i - 1], ring[i]));
  }
  return best;
}

export function distanceText(metres) {
  if (metres < 995) return `${metres >= 100 ? Math.round(metres / 10) * 10 : Math.round(metres)} m`;
  return `${(metres / 1000).toFixed(1)} km`;
}
