// Makes a photo small on the phone, which sends less and no place with it; and sends a report only once.

const LONGEST_SIDE = 1600;
const QUALITY = 0.85;
const form = document.getElementById("report-form");
const input = document.getElementById("photo");
const status = document.getElementById("report-status");
let shrinking = Promise.resolve();
let chosen;

async function shrink() {
  const [photo] = input.files;
  if (!photo) return;
  const picture = await createImageBitmap(photo, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (!blob) return;
  const files = new DataTransfer();
  files.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
  input.files = files.files;
}

input?.addEventListener("change", () => {
  status.textContent = form.dataset.small;
  // What this browser cannot read is sent as it is: the server makes it anew or says why not.
  shrinking = shrink().catch(() => {}).finally(() => { status.textContent = ""; });
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (chosen) return;
  chosen = event.submitter;
  status.textContent = form.dataset.sending;
  await shrinking;
  // A form that is sent by a script does not name the button that was tapped.
  const kind = document.createElement("input");
  Object.assign(kind, { type: "hidden", name: chosen?.name ?? "kind", value: chosen?.value ?? "" });
  form.append(kind);
  form.submit();
});

// Back from the next page, the form can be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  chosen = undefined;
  form.querySelector("input[type=hidden][name=kind]")?.remove();
  status.textContent = "";
});
