// How each state looks: a shape of its own beside its colour, so that neither alone has to be read.
"use strict";

globalThis.locatorStateShapes = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  // In a box of 24 by 24; colours come from the style sheet by `state-…`.
  const SHAPES = {
    open: ["circle", { cx: 12, cy: 12, r: 9 }],
    // A full ring whose left half is hollow.
    closing_soon: ["path", { d: "M12 3a9 9 0 1 1 0 18a9 9 0 1 1 0-18zM12 6a6 6 0 0 0 0 12z", "fill-rule": "evenodd" }],
    self_service: ["rect", { x: 4, y: 4, width: 16, height: 16, rx: 2 }],
    closed: ["path", { d: "M5 5l14 14M19 5L5 19" }],
    unknown: ["path", { d: "M12 3l10 18H2z" }],
  };

  // Return a new SVG element for a state; it says nothing to a screen reader, the words beside it do.
  function draw(state) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", `state-shape shape-${state}`);
    svg.setAttribute("aria-hidden", "true");
    const [tag, attributes] = SHAPES[state] ?? SHAPES.unknown;
    const shape = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    svg.append(shape);
    return svg;
  }

  return { SHAPES, draw };
})();
