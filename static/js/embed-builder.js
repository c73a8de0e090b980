// The builder without reloading: what is chosen goes to the server, and its answer takes the place of the last one.

const form = document.getElementById("builder");
let asking = null;

function address() {
  const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  return `${form.action.split("?")[0]}?${chosen}`;
}

function wire() {
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const code = document.getElementById(button.dataset.copies);
      code.select();
      await navigator.clipboard.writeText(code.value);
      button.textContent = button.dataset.done;
    });
  }
}

async function show() {
  asking?.abort();
  asking = new AbortController();
  const width = document.querySelector(".widths input:checked")?.className;
  try {
    const answer = await fetch(`${address()}&part=result`, { signal: asking.signal });
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("result").replaceChildren(...made.body.children);
    const same = width && document.querySelector(`.widths .${width}`);
    if (same) same.checked = true;
    history.replaceState(null, "", address());
    wire();
  } catch (error) {
    if (error.name !== "AbortError") form.submit();
  }
}

form.addEventListener("change", show);
// A map fits its stations to the room that it has when it is loaded, as it will be in the other page.
document.getElementById("result").addEventListener("change", ({ target }) => {
  const frame = document.querySelector(".preview iframe");
  if (target.name === "width") frame.src = frame.getAttribute("src");
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
wire();
