/* What is typed is kept in this browser (IndexedDB, under an id of this tab), so that a reload or a restart of the
   server loses nothing. */

const TAB = "relevance-lab-tab";

const drafts = {
  /** This tab's id, the same for all views of the page. */
  tab: () => (window.relevanceLabTab ??= drafts.claim()),

  /** A duplicated tab begins with a copy of the other's sessionStorage, the id included: it takes an id of its own, and a
      copy of the drafts. */
  async claim() {
    const old = sessionStorage.getItem(TAB);
    if (old && (await drafts.hold(old))) return old;
    const id = crypto.getRandomValues(new Uint32Array(4)).join("-");
    sessionStorage.setItem(TAB, id);
    await drafts.hold(id);
    if (old) await drafts.copy(old, id);
    return id;
  },

  /** Hold the id for as long as the page lives; whether nobody else does. Browsers have locks in secure contexts only. */
  hold(id) {
    if (!navigator.locks) return true;
    return new Promise((resolve) => {
      const keep = (lock) => {
        resolve(Boolean(lock));
        return lock ? new Promise(() => {}) : undefined;
      };
      navigator.locks.request(`${TAB} ${id}`, { ifAvailable: true }, keep).catch(() => resolve(true));
    });
  },

  async copy(from, to) {
    const all = IDBKeyRange.bound(from, `${from}\uffff`);
    const keys = await drafts.run("readonly", (store) => store.getAllKeys(all));
    const values = await drafts.run("readonly", (store) => store.getAll(all));
    for (const [place, key] of (keys ?? []).entries()) {
      await drafts.run("readwrite", (store) => store.put(values[place], to + key.slice(from.length)));
    }
  },

  open() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open("relevance-lab", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("drafts");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  },
  async run(mode, act) {
    // Private windows may have no storage: then there is no draft, and nothing else changes.
    try {
      const base = await drafts.open();
      return await new Promise((resolve, reject) => {
        const request = act(base.transaction("drafts", mode).objectStore("drafts"));
        request.onsuccess = () => { base.close(); resolve(request.result); };
        request.onerror = () => { base.close(); reject(request.error); };
      });
    } catch {
      return undefined;
    }
  },
  async mine(mode, page, act) {
    const key = (await drafts.tab()) + page;
    return drafts.run(mode, (store) => act(store, key));
  },
  // ``page`` keeps the drafts of several pages apart.
  save: (draft, page = "") => drafts.mine("readwrite", page, (store, key) => store.put(draft, key)),
  load: (page = "") => drafts.mine("readonly", page, (store, key) => store.get(key)),
  forget: (page = "") => drafts.mine("readwrite", page, (store, key) => store.delete(key)),
};
