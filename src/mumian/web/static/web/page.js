// On every page: the look changes without a reload, an open sheet closes, and what was typed survives a
// change of language or a lost connection. Every page works without it.

for (const form of document.querySelectorAll("form.scheme")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = event.submitter.value;
    document.documentElement.dataset.colorScheme = chosen;
    document.cookie = `scheme=${chosen};path=/;max-age=31536000;samesite=lax`;
  });
}

document.addEventListener("click", ({ target }) => {
  for (const sheet of document.querySelectorAll("details.who[open]")) {
    if (!sheet.contains(target)) sheet.open = false;
  }
});

// Kept in this tab alone, and forgotten when it closes or the form is sent.
for (const form of document.querySelectorAll("form[data-keep]")) {
  const key = `draft:${form.dataset.keep}`;
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "{}");
  const typed = [...form.querySelectorAll("textarea[name], input[type=text][name]")];
  for (const field of typed) field.value ||= kept[field.name] ?? "";
  form.addEventListener("input", () => {
    sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(typed.map(({ name, value }) => [name, value]))));
  });
  form.addEventListener("submit", () => sessionStorage.removeItem(key));
}
