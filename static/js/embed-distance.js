// How far a station is from a place, and how people say it.

import { pointDistance, shapeDistance } from "./distance.js";

// `geometry` is GeoJSON; metres on the ellipsoid, to the boundary of a polygon, 0 inside.
export function metresTo(geometry, lon, lat) {
  return geometry.type === "Point" ? pointDistance(lon, lat, ...geometry.coordinates) : shapeDistance(geometry, lon, lat);
}

export function distanceText(metres) {
  if (metres < 995) return `${metres >= 100 ? Math.round(metres / 10) * 10 : Math.round(metres)} m`;
  return `${(metres / 1000).toFixed(1)} km`;
}
