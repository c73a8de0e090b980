// Metres from a place to a station on the WGS84 ellipsoid, to a polygon's boundary, 0 inside.

const A = 6378137;
const F = 1 / 298.257223563;
const B = A * (1 - F);
const E2 = F * (2 - F);
const RADIAN = Math.PI / 180;
const MEAN_RADIUS = 6371000;

// Metres over ground for metres straight through the earth: right to a centimetre over 100 km, for a first choice.
export const overGround = (chord) => 2 * MEAN_RADIUS * Math.asin(Math.min(1, chord / (2 * MEAN_RADIUS)));

// T. Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid", Survey Review 23 (1975), 88–93: right to
// half a millimetre, save near the antipodes, where it does not end and the way over ground is taken instead.
export function pointDistance(lon1, lat1, lon2, lat2) {
  const l = ((lon2 - lon1 + 540) % 360 - 180) * RADIAN;
  const [u1, u2] = [lat1, lat2].map((lat) => Math.atan((1 - F) * Math.tan(lat * RADIAN)));
  const [sin1, cos1, sin2, cos2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = l;
  for (let round = 0; round < 50; round++) {
    const [sinL, cosL] = [Math.sin(lambda), Math.cos(lambda)];
    const sinS = Math.hypot(cos2 * sinL, cos1 * sin2 - sin1 * cos2 * cosL);
    if (sinS === 0) return 0;
    const cosS = sin1 * sin2 + cos1 * cos2 * cosL;
    const sigma = Math.atan2(sinS, cosS);
    const sinA = (cos1 * cos2 * sinL) / sinS;
    const cos2A = 1 - sinA * sinA;
    const cosM = cos2A === 0 ? 0 : cosS - (2 * sin1 * sin2) / cos2A;
    const c = (F / 16) * cos2A * (4 + F * (4 - 3 * cos2A));
    const before = lambda;
    lambda = l + (1 - c) * F * sinA * (sigma + c * sinS * (cosM + c * cosS * (2 * cosM * cosM - 1)));
    if (Math.abs(lambda - before) > 1e-12) continue;
    const v2 = (cos2A * (A * A - B * B)) / (B * B);
    const a = 1 + (v2 / 16384) * (4096 + v2 * (v2 * (320 - 175 * v2) - 768));
    const b = (v2 / 1024) * (256 + v2 * (v2 * (74 - 47 * v2) - 128));
    const turn = cosS * (2 * cosM * cosM - 1) - (b / 6) * cosM * (4 * sinS * sinS - 3) * (4 * cosM * cosM - 3);
    return B * a * (sigma - b * sinS * (cosM + (b / 4) * turn));
  }
  const cosine = Math.sin(lat1 * RADIAN) * Math.sin(lat2 * RADIAN) + Math.cos(lat1 * RADIAN) * Math.cos(lat2 * RADIAN) * Math.cos(l);
  return MEAN_RADIUS * Math.acos(Math.max(-1, Math.min(1, cosine)));
}

// Return a function that turns [lon, lat] into [east, north] in metres from a place: the ellipsoid's own curvature
// half-way, exact to a metre over a city.
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

const RINGS = {
  Polygon: (coordinates) => coordinates,
  MultiPolygon: (coordinates) => coordinates.flat(),
  MultiPoint: (coordinates) => coordinates.map((point) => [point]),
  Point: (coordinates) => [[coordinates]],
};

// `geometry` is GeoJSON: a polygon, a multipolygon or a multipoint.
export function shapeDistance({ type, coordinates }, lon, lat) {
  const rings = RINGS[type](coordinates).map((ring) => ring.map(localMetres(lon, lat)));
  // Holes turn inside out again: an odd number of rings around the place means inside.
  if (rings.filter((ring) => ring.length > 3 && isInside(ring)).length % 2) return 0;
  let best = Infinity;
  for (const ring of rings) {
    if (ring.length === 1) best = Math.min(best, Math.hypot(...ring[0]));
    for (let i = 1; i < ring.length; i++) best = Math.min(best, toSegment(ring[i - 1], ring[i]));
  }
  return best;
}

// `geometry` is GeoJSON of any kind that a station has.
export function geometryDistance(geometry, lon, lat) {
  return geometry.type === "Point" ? pointDistance(lon, lat, ...geometry.coordinates) : shapeDistance(geometry, lon, lat);
}
