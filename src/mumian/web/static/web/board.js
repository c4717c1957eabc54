// The board: one box selects the page, the buttons wait until something is selected, and with the focus in the list
// the arrows go from matter to matter, Space selects, Enter opens. Its rows may be put anew at any time.

for (const board of document.querySelectorAll("[data-board]")) {
  const boxes = () => [...board.querySelectorAll("input[name=matter]")];

  const tell = () => {
    const all = board.querySelector("[data-all]");
    if (!all) return;
    const said = board.querySelector(".bulk [role=status]");
    const count = boxes().filter((box) => box.checked).length;
    said.textContent = count ? said.dataset.some.replace("%d", count) : said.dataset.none;
    all.hidden = false;
    all.checked = count > 0 && count === boxes().length;
    all.indeterminate = count > 0 && !all.checked;
    for (const button of board.querySelectorAll("[data-bulk]")) button.disabled = count === 0;
  };

  board.addEventListener("change", ({ target }) => {
    if (target.matches("[data-all]")) {
      for (const box of boxes()) box.checked = target.checked;
    }
    tell();
  });
  document.addEventListener("renewed", tell);
  tell();

  const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  board.addEventListener("keydown", (event) => {
    const row = event.target.closest("tbody tr");
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const links = [...board.querySelectorAll("tbody .what a")];
    if (event.key in steps) {
      const next = links.indexOf(row.querySelector(".what a")) + steps[event.key];
      links[Math.min(Math.max(next, 0), links.length - 1)].focus();
    } else if (event.key === " " && event.target.matches("a")) {
      row.querySelector("input[name=matter]")?.click();
    } else return;
    event.preventDefault();
  });
}
