// Hands on the address of a station: by the phone's own sheet, else by the clipboard, else as text.

const button = document.getElementById("share");
const status = document.getElementById("share-status");

async function share() {
  const { url, title, copied, failed } = button.dataset;
  if (navigator.share) {
    // Whoever closes the sheet has changed his mind, which is no failure.
    await navigator.share({ title, url }).catch(() => {});
    return;
  }
  try {
    await navigator.clipboard.writeText(url);
    status.textContent = copied;
  } catch {
    status.textContent = failed;
  }
}

button.addEventListener("click", share);
