// Asks the worker that holds the stations, one promise a question.

const waiting = new Map();
let worker = null;
let last = 0;

function started() {
  if (worker) return worker;
  worker = new Worker(new URL("./station-worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data: { number, answer, error } }) => {
    const { resolve, reject } = waiting.get(number);
    waiting.delete(number);
    if (error) reject(new Error(error));
    else resolve(answer);
  };
  // A browser that cannot run it says so here: whoever waits falls back to the server.
  worker.onerror = () => {
    for (const { reject } of waiting.values()) reject(new Error("no worker"));
    waiting.clear();
  };
  return worker;
}

export function ask(name, question) {
  return new Promise((resolve, reject) => {
    const number = ++last;
    waiting.set(number, { resolve, reject });
    started().postMessage({ number, ask: name, question });
  });
}
