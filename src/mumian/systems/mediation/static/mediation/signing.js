// A signature drawn on the screen becomes the file that the form sends; without this script a photograph of one does.

const input = document.querySelector("input[type=file][name=signature]");
if (input && window.DataTransfer) {
  const words = document.querySelector("script[data-signing]").dataset;
  const board = document.createElement("canvas");
  board.className = "signature";
  board.tabIndex = -1;
  board.setAttribute("aria-label", words.signing);
  board.setAttribute("role", "img");
  const title = document.createElement("p");
  title.className = "quiet";
  title.textContent = words.signing;
  const again = document.createElement("button");
  again.type = "button";
  again.className = "ds-button";
  again.dataset.variant = "tertiary";
  again.dataset.size = "sm";
  again.textContent = words.again;
  again.hidden = true;
  (input.closest(".drop") ?? input).before(title, board, again);

  const pen = board.getContext("2d");
  const scale = Math.max(2, window.devicePixelRatio || 1);
  board.width = board.clientWidth * scale;
  board.height = board.clientHeight * scale;
  pen.scale(scale, scale);
  Object.assign(pen, { lineWidth: 2.6, lineCap: "round", lineJoin: "round", strokeStyle: "#10202c" });

  let last = null;
  let drawn = false;
  const at = (event) => [event.offsetX, event.offsetY];
  board.addEventListener("pointerdown", (event) => {
    board.setPointerCapture(event.pointerId);
    last = at(event);
  });
  board.addEventListener("pointermove", (event) => {
    if (!last) return;
    const next = at(event);
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...next);
    pen.stroke();
    last = next;
    drawn = true;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    board.addEventListener(end, () => {
      last = null;
      if (drawn) keep();
    });
  }
  again.addEventListener("click", () => {
    pen.clearRect(0, 0, board.width, board.height);
    input.value = "";
    drawn = false;
    again.hidden = true;
  });

  function keep() {
    again.hidden = false;
    board.toBlob((picture) => {
      const held = new DataTransfer();
      held.items.add(new File([picture], "signature.png", { type: "image/png" }));
      input.files = held.files;
    }, "image/png");
  }
}
