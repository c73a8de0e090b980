// <station-map>: the map of stations as an element of any page. Also makes <iframe data-station-map> as high as
// its content. Attributes: center bbox near station needs open-now h24 list lang theme scroll zoom limit height label.
// Events: ready select search resize error. Methods: select(id) locate() view(lon, lat, zoom) reload().
(() => {
  "use strict";
  const NAMES = ["center", "bbox", "near", "station", "needs", "open-now", "h24", "list", "lang", "theme", "scroll", "zoom", "limit"];
  const [LOWEST, HIGHEST] = [160, 4000];
  const PATIENCE_MS = 15000;
  const TYPE = "station-map";
  const script = document.currentScript ?? document.querySelector('script[src*="/embed/v1/station-map.js"]');
  const PAGE = "map";
  const MAP = new URL(PAGE, script.src);

  const clamped = (height) => Math.min(HIGHEST, Math.max(LOWEST, Math.round(height)));
  const isOurs = (frame) => frame.src.startsWith(MAP.href.split("?")[0]);

  // Speak with the map in a frame: `heard` is told each name and detail, only of that frame and that origin.
  function connect(frame, isAuto, heard) {
    const send = (name, detail, to = MAP.origin) => frame.contentWindow?.postMessage({ type: TYPE, name, detail }, to);
    const listen = ({ source, origin, data }) => {
      if (source !== frame.contentWindow || origin !== MAP.origin || data?.type !== TYPE) return;
      const { name, detail = {} } = data;
      if (name === "resize") {
        if (!isAuto() || !Number.isFinite(detail.height)) return;
        detail.height = clamped(detail.height);
        frame.style.height = `${detail.height}px`;
      }
      heard(name, detail);
    };
    // Says nothing that others may not hear, and the frame may still be empty or refused.
    const hello = () => send("hello", { auto: isAuto() }, "*");
    addEventListener("message", listen);
    frame.addEventListener("load", hello);
    hello();
    return { send, hello, end: () => removeEventListener("message", listen) };
  }

  class StationMap extends HTMLElement {
    static observedAttributes = [...NAMES, "height", "label"];
    #frame = null;
    #talk = null;
    #timer = 0;
    #pending = false;

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      // A sheet that is made here is no inline style, which a page's policy may forbid.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(":host{display:block}:host([hidden]){display:none}iframe{display:block;width:100%;border:0;color-scheme:normal}");
      root.adoptedStyleSheets = [sheet];
      root.append(document.createElement("slot"));
    }

    connectedCallback() {
      const frame = (this.#frame = document.createElement("iframe"));
      frame.loading = "lazy";
      frame.allow = "geolocation; fullscreen";
      frame.allowFullscreen = true;
      frame.referrerPolicy = "strict-origin-when-cross-origin";
      frame.addEventListener("load", () => this.#wait());
      document.addEventListener("securitypolicyviolation", this.#refused);
      this.shadowRoot.prepend(frame);
      this.#talk = connect(frame, () => !this.getAttribute("height"), (name, detail) => this.#heard(name, detail));
      this.#show(true);
      this.#update();
    }

    disconnectedCallback() {
      clearTimeout(this.#timer);
      document.removeEventListener("securitypolicyviolation", this.#refused);
      this.#talk?.end();
      this.#frame?.remove();
      this.#frame = this.#talk = null;
    }

    attributeChangedCallback() {
      if (!this.#frame || this.#pending) return;
      this.#pending = true;
      queueMicrotask(() => {
        this.#pending = false;
        if (this.#frame) this.#update();
      });
    }

    // The address of the map, as the attributes have it.
    get src() {
      const address = new URL(MAP);
      for (const name of NAMES) {
        const value = this.getAttribute(name) ?? this.getAttribute(name.replace("-", "_"));
        const isFlag = ["open-now", "h24", "scroll"].includes(name);
        if (value || (isFlag && value === "")) address.searchParams.set(name.replace("-", "_"), value || "true");
      }
      return address.href;
    }

    select(id) { this.#talk?.send("select", { id }); }
    locate() { this.#talk?.send("locate", {}); }
    view(lon, lat, zoom = 16) { this.#talk?.send("view", { lon, lat, zoom }); }
    reload() { if (this.#frame) this.#frame.src = this.src; }

    #update() {
      const frame = this.#frame;
      frame.title = this.getAttribute("label") || "Station map · 驿站地图";
      const height = parseFloat(this.getAttribute("height"));
      if (height) frame.style.height = `${clamped(height)}px`;
      else if (!frame.style.height) frame.style.height = "480px";
      if (frame.src !== this.src) frame.src = this.src;
      else this.#talk.hello();
    }

    #wait() {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#fail("the map does not answer"), PATIENCE_MS);
    }

    #refused = ({ blockedURI, effectiveDirective }) => {
      const isFrame = ["frame-src", "child-src", "default-src"].includes(effectiveDirective);
      if (isFrame && blockedURI.startsWith(MAP.origin)) this.#fail(`the page's policy forbids it: frame-src ${MAP.origin}`);
    };

    #fail(message) {
      clearTimeout(this.#timer);
      this.#show(false);
      this.#fire("error", { message });
    }

    // The map or the list inside the element, never both.
    #show(isMap) {
      this.#frame.style.display = isMap ? "" : "none";
      this.shadowRoot.querySelector("slot").style.display = isMap ? "none" : "";
    }

    #heard(name, detail) {
      if (name === "ready") {
        clearTimeout(this.#timer);
        this.#show(true);
      } else if (name === "error") clearTimeout(this.#timer);
      if (["ready", "select", "search", "resize", "error"].includes(name)) this.#fire(name, detail);
    }

    // An error stays at the element: one that rises would be taken for an error of the page.
    #fire(name, detail) {
      this.dispatchEvent(new CustomEvent(name, { detail, bubbles: name !== "error", composed: true }));
    }
  }

  function connectFrames() {
    for (const frame of document.querySelectorAll("iframe[data-station-map]")) {
      if (isOurs(frame) && !frame.dataset.connected) {
        frame.dataset.connected = "yes";
        connect(frame, () => true, () => {});
      }
    }
  }

  if (!customElements.get("station-map")) customElements.define("station-map", StationMap);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", connectFrames);
  else connectFrames();
})();
