// What lies on the phone: what was taken along, what waits to be sent with its photos, what is being written.

const NAME = "mumian-field";
const TABLES = { state: "name", bundles: "owner", outbox: "key", files: "id", drafts: "id" };
const OWNED = ["outbox", "files", "drafts"];

let opened;

function database() {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const [table, keyPath] of Object.entries(TABLES)) {
        const made = request.result.createObjectStore(table, { keyPath });
        if (OWNED.includes(table)) made.createIndex("owner", "owner");
      }
    };
    request.onsuccess = () => {
      request.result.onclose = () => (opened = undefined);
      done(request.result);
    };
    request.onerror = () => {
      opened = undefined;
      failed(request.error);
    };
  });
  return opened;
}

// One transaction; it resolves only when what was written is on the disk.
async function within(tables, mode, work) {
  const base = await database();
  return new Promise((done, failed) => {
    const run = base.transaction(tables, mode, { durability: "strict" });
    const result = work(...[tables].flat().map((table) => run.objectStore(table)));
    run.oncomplete = () => done(result?.result);
    run.onabort = run.onerror = () => failed(run.error);
  });
}

export const get = (table, key) => within(table, "readonly", (store) => store.get(key));
export const put = (table, value) => within(table, "readwrite", (store) => store.put(value));
export const remove = (table, key) => within(table, "readwrite", (store) => store.delete(key));
export const owned = (table, owner) => within(table, "readonly", (store) => store.index("owner").getAll(owner));
export const everyone = (table) => within(table, "readonly", (store) => store.getAll());

export const recall = async (name) => (await get("state", name))?.value;
export const remember = (name, value) => put("state", { name, value });

/** Keeps an entry of the outbox and its photos, and forgets the draft it was written as, all or nothing. */
export function keepEntry(entry, photos, draft) {
  return within(["outbox", "files", "drafts"], "readwrite", (outbox, files, drafts) => {
    outbox.put(entry);
    for (const photo of photos) files.put({ ...photo, owner: entry.owner });
    if (draft) drafts.delete(draft);
  });
}

/** Forgets entries and their photos. */
export function dropEntries(entries) {
  return within(["outbox", "files"], "readwrite", (outbox, files) => {
    for (const entry of entries) {
      outbox.delete(entry.key);
      for (const photo of photosOf(entry)) files.delete(photo.id);
    }
  });
}

/** An entry that has arrived stays as a line of what was sent lately; its photos go. */
export function settle(entry) {
  return within(["outbox", "files"], "readwrite", (outbox, files) => {
    outbox.put({ ...entry, photos: {} });
    for (const photo of photosOf(entry)) files.delete(photo.id);
  });
}

export const photosOf = (entry) => Object.values(entry.photos ?? {}).flat();
