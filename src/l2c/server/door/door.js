// Sends the form as JSON and shows, as text, what was wrong with it. Who comes in goes on where the
// address says, and finds in this browser what they typed themselves, never what somebody else did.

const form = document.getElementById("door");
const problem = document.getElementById("problem");
const button = form.querySelector("button");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  button.disabled = true;
  try {
    const response = await fetch(form.dataset.address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(Object.fromEntries(new FormData(form))),
    });
    if (response.ok) {
      await keepApart();
      location.assign(`/${location.hash}`);
      return;
    }
    problem.textContent = (await response.json()).error.message;
  } catch {
    problem.textContent = "The server does not answer; try again.";
  } finally {
    button.disabled = false;
  }
});

/** Forgets what the page keeps in this browser, unless it is of whoever came in; looks stay. */
async function keepApart() {
  let whose = null;
  try {
    whose = localStorage.getItem("l2c.whose");
  } catch {
    // No storage, so nothing is kept.
  }
  if (whose === null) return;
  const session = await (await fetch("/app/v1/session")).json();
  if (JSON.parse(whose) === session.user) return;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("l2c.") && key !== "l2c.preferences") localStorage.removeItem(key);
  }
}
