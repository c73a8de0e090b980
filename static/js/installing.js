// Registers the service worker, with which the finder works without a connection and can be installed.

export function keepForOffline({ worker }, { renewed }) {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", ({ data }) => data === "stations renewed" && renewed());
  addEventListener("load", async () => {
    const registration = await navigator.serviceWorker.register(worker).catch(() => null);
    if (!registration || navigator.connection?.saveData) return;
    const active = await navigator.serviceWorker.ready;
    // The rest of the app, once what the reader came for is there.
    active.active?.postMessage("keep the map");
  });
}
