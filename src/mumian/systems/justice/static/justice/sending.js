// Documents go in piece by piece, each with its SHA-256; a broken sending goes on where it broke. Without this script
// the form sends them whole.

const PIECE = 4 * 1024 * 1024;
const WHOLE = 256 * 1024 * 1024; // so much is hashed at once, so that the same file goes on after the page was left
const TRIES = 6;

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const hashed = async (blob) =>
  globalThis.crypto?.subtle ? hex(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer())) : "";
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

class Refused extends Error {}

for (const bar of document.querySelectorAll("progress[data-checking]")) {
  for (let going = true; going; ) {
    await pause(1500);
    const said = await fetch(location.href, { headers: { Accept: "application/json" } }).then((answer) => answer.json()).catch(() => null);
    if (said) bar.value = said.share;
    going = !said || said.state === "checking";
  }
  location.reload();
}

for (const form of document.querySelectorAll("form[data-putting]")) {
  const state = form.querySelector("[data-state]");
  const bar = form.querySelector("progress");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    const files = [...form.elements.file.files];
    button.disabled = true;
    bar.hidden = false;
    const all = files.reduce((sum, file) => sum + file.size, 0);
    let before = 0;
    let page = "";
    try {
      for (const file of files) {
        state.textContent = file.name;
        page = await put(file, (there) => { bar.value = (100 * (before + there)) / all; });
        before += file.size;
      }
      state.textContent = form.dataset.done;
      if (page) location.assign(page);
      else location.reload();
    } catch (error) {
      state.textContent = error.message;
      button.disabled = false;
    }
  });

  async function put(file, shown) {
    const said = new FormData(form);
    said.delete("file");
    said.set("title", file.name.replace(/\.[^.]+$/, ""));
    said.set("media", file.type || "application/octet-stream");
    said.set("size", file.size);
    said.set("sha256", file.size <= WHOLE ? await hashed(file) : "");
    const begun = await asked(form.action, { method: "POST", body: said });
    let offset = begun.offset;
    for (let tries = 0; offset < file.size; ) {
      const piece = file.slice(offset, offset + PIECE);
      try {
        const url = `${begun.url}?offset=${offset}&sha256=${await hashed(piece)}`;
        offset = (await asked(url, { method: "PUT", body: piece })).offset;
        tries = 0;
        state.textContent = file.name;
      } catch (error) {
        if (error instanceof Refused || ++tries > TRIES) throw error;
        state.textContent = form.dataset.failed;
        await pause(500 * 2 ** tries);
        offset = (await asked(begun.url, {}).catch(() => ({ offset }))).offset;
      }
      shown(offset);
    }
    return begun.page;
  }

  async function asked(url, options) {
    const answer = await fetch(url, { ...options, headers: { "X-CSRFToken": token, Accept: "application/json" } });
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    if (answer.status === 409 && said.offset !== undefined) return said;
    if (answer.status < 500) throw new Refused(said.detail ?? answer.statusText);
    throw new Error(answer.statusText);
  }
}
