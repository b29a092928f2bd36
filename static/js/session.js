// Asks two minutes before the idle limit, and lets one button extend. Asking the server is no activity there.

const dialog = document.getElementById("session-warning");
const form = dialog.querySelector("form");
const WARN = 120;

// Never more often than the session itself can change; after a sleep of the computer the first answer corrects it.
function later(seconds) {
  setTimeout(look, Math.max(5, seconds) * 1000);
}

async function ask(options) {
  const answer = await fetch(dialog.dataset.url, { ...options, redirect: "manual", headers: { Accept: "application/json" } });
  return answer.ok ? (await answer.json()).seconds : 0;
}

function show(seconds) {
  if (seconds <= 0) location.reload();
  else if (seconds > WARN) dialog.close();
  else if (!dialog.open) dialog.showModal();
  later(seconds > WARN ? seconds - WARN : seconds + 1);
}

function look() {
  ask({}).then(show, () => later(60));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask({ method: "POST", body: new FormData(form) }).then((seconds) => (seconds > 0 ? dialog.close() : location.reload()));
});

look();
