// Stations of the snapshot's columns as the map shows them, with their states now: twin of locator/maps/markers.py.

import { hasFacility } from "./columns.js";
import { toGcj02 } from "./datum.js";
import { stateAt } from "./state.js";
import { admissionText, page, said, stateText, stationAddress, verifiedText } from "./words.js";

const turned = (coordinates, turn) =>
  typeof coordinates[0] === "number" ? turn(coordinates[0], coordinates[1]) : coordinates.map((inner) => turned(inner, turn));

// `data` is what the map has: its sentences are numbered, and each that is new here gets a number.
export function featuresOf(stations, rows, data, now) {
  const numbers = new Map(data.texts.map((text, number) => [text, number]));
  const numberOf = (text) => {
    if (!numbers.has(text)) numbers.set(text, data.texts.push(text) - 1);
    return numbers.get(text);
  };
  const turn = data.base.datum === "gcj02" ? toGcj02 : (lon, lat) => [lon, lat];
  const codes = (row, there) => stations.facilities.flatMap((code, number) => (hasFacility(stations, row, code) === there ? [number] : []));
  return rows.map((row) => {
    const hours = stations.hours[stations.hoursRow[row]];
    const [found, status, verified] = [stateAt(hours, now), stations.status[row], stations.verified[row]];
    const told = stateText({ found, foundNow: found, arrives: now, status, verified, holidaysUnknown: hours.holidaysUnknown }, now, stations.zone);
    const sentences = [told, page.categories[stations.category[row]], admissionText(stations.entry[row]), verifiedText(verified),
      stations.source[row] === "illustrative" ? said("illustrative") : ""];
    const { type, coordinates } = stations.shapes.get(row) ?? { type: "Point", coordinates: [stations.lon[row], stations.lat[row]] };
    return {
      type: "Feature",
      geometry: { type, coordinates: turned(coordinates, turn) },
      properties: {
        id: stations.id[row], name: stations.name[row], state: status === "operating" ? found.state : "closed",
        address: stations.address[row] || stations.community[row], says: sentences.map(numberOf),
        has: codes(row, true), lacks: codes(row, false), url: stationAddress(stations.id[row]),
      },
    };
  });
}
