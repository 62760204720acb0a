// Sends the form as JSON and shows, as text, what was wrong with it.

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
      location.assign("/");
      return;
    }
    problem.textContent = (await response.json()).error.message;
  } catch {
    problem.textContent = "The server does not answer; try again.";
  } finally {
    button.disabled = false;
  }
});
