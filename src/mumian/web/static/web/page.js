// On every page: the look changes without a reload, an open sheet closes, and what was typed survives a
// change of language or a lost connection, a link is copied. Every page works without it.

const root = document.documentElement;

for (const form of document.querySelectorAll("form.scheme")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = event.submitter.value;
    root.dataset.colorScheme = chosen;
    document.cookie = `scheme=${chosen};path=/;max-age=31536000;samesite=lax`;
  });
}

document.addEventListener("click", ({ target }) => {
  for (const sheet of document.querySelectorAll("details.who[open]")) {
    if (!sheet.contains(target)) sheet.open = false;
  }
});

// Paper is white.
addEventListener("beforeprint", () => {
  root.dataset.chosenScheme = root.dataset.colorScheme;
  root.dataset.colorScheme = "light";
});
addEventListener("afterprint", () => {
  root.dataset.colorScheme = root.dataset.chosenScheme;
});

// What is typed is kept in this tab alone until it has arrived, and forgotten when the tab closes.
for (const { dataset } of document.querySelectorAll("[data-sent]")) {
  sessionStorage.removeItem(`draft:${dataset.sent}`);
}
for (const form of document.querySelectorAll("form[data-keep]")) {
  const key = `draft:${form.dataset.keep}`;
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "{}");
  const typed = [...form.querySelectorAll("textarea[name], input[type=text][name]")];
  for (const field of typed) field.value ||= kept[field.name] ?? "";
  form.addEventListener("input", () => {
    sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(typed.map(({ name, value }) => [name, value]))));
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const text = button.parentElement.querySelector("[data-copied]");
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.value);
    button.textContent = button.dataset.done;
  });
}
