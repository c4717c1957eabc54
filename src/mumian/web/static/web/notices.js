// Messages on this device: the browser is asked, its address and keys go to the site. Without this, e-mail remains.

const panel = document.querySelector("[data-tell]");
const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

if (panel && able) {
  const row = panel.querySelector("[data-push]");
  const button = row.querySelector("button");
  const said = panel.querySelector("[data-said]");
  row.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = "";
    try {
      if ((await Notification.requestPermission()) !== "granted") said.textContent = panel.dataset.denied;
      else await send(await subscription(), said);
    } catch {
      said.textContent = panel.dataset.failed;
    }
    button.disabled = false;
  });
}

async function subscription() {
  const { worker, key } = panel.dataset;
  const registration = await navigator.serviceWorker.register(worker, { scope: "/notices/" });
  await active(registration);
  const applicationServerKey = bytes(key);
  const had = await registration.pushManager.getSubscription();
  if (had && had.options.applicationServerKey && !same(had.options.applicationServerKey, applicationServerKey)) {
    await had.unsubscribe(); // the site's key has changed since
  }
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

function active(registration) {
  const coming = registration.installing ?? registration.waiting;
  if (registration.active || !coming) return null;
  return new Promise((done) => coming.addEventListener("statechange", () => coming.state === "activated" && done()));
}

async function send(found, said) {
  const { endpoint, keys } = found.toJSON();
  const form = new FormData();
  for (const [name, value] of Object.entries({ way: "push", endpoint, ...keys })) form.append(name, value);
  form.append("csrfmiddlewaretoken", panel.querySelector("[name=csrfmiddlewaretoken]").value);
  let answer;
  try {
    answer = await fetch(panel.dataset.tell, { method: "POST", body: form, headers: { Accept: "application/json" } });
  } catch {
    said.textContent = panel.dataset.lost;
    return;
  }
  said.textContent = answer.headers.get("Content-Type")?.startsWith("application/json")
    ? (await answer.json()).said
    : panel.dataset.lost;
}

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function same(buffer, other) {
  const one = new Uint8Array(buffer);
  return one.length === other.length && one.every((value, place) => value === other[place]);
}
