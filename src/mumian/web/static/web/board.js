// The board: one box selects the page, and the buttons wait until something is selected.

for (const board of document.querySelectorAll("[data-board]")) {
  const all = board.querySelector("[data-all]");
  const said = board.querySelector(".bulk [role=status]");
  if (!all) continue;
  const boxes = [...board.querySelectorAll("input[name=matter]")];
  const tell = () => {
    const count = boxes.filter((box) => box.checked).length;
    said.textContent = count ? said.dataset.some.replace("%d", count) : said.dataset.none;
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
    for (const button of board.querySelectorAll("[data-bulk]")) button.disabled = count === 0;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  board.addEventListener("change", tell);
  tell();
}
