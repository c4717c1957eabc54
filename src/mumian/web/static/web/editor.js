// A definition with its lines numbered, those with a fault marked; a fault leads to its line. Without it the text
// is edited just as well.

const text = document.querySelector("#text");
const gutter = document.createElement("pre");
gutter.className = "gutter code";
gutter.setAttribute("aria-hidden", "true");
text.before(gutter);
let faulty = new Set(text.dataset.faults.split(" ").filter(Boolean).map(Number));

const number = () => {
  const lines = text.value.split("\n").length;
  if (gutter.childElementCount === lines) return;
  gutter.replaceChildren(
    ...Array.from({ length: lines }, (_, at) => {
      const line = document.createElement("span");
      line.textContent = at + 1;
      line.classList.toggle("faulty", faulty.has(at + 1));
      return line;
    }),
  );
};
const follow = () => (gutter.scrollTop = text.scrollTop);

text.addEventListener("input", number);
text.addEventListener("scroll", follow);
number();

for (const link of document.querySelectorAll("a[data-line]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const lines = text.value.split("\n");
    const at = Math.min(Number(link.dataset.line), lines.length) - 1;
    const start = lines.slice(0, at).join("\n").length + (at ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + lines[at].length);
    text.scrollTop = (at - 4) * (text.scrollHeight / lines.length);
    text.scrollLeft = 0;
    follow();
  });
}

// Leaving with what was not proved, and so not kept, asks first.
let kept = text.value;
text.form.addEventListener("submit", () => (kept = text.value));
addEventListener("beforeunload", (event) => {
  if (text.value !== kept) event.preventDefault();
});
