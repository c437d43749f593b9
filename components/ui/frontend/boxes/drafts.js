/* What is typed is kept in this browser (IndexedDB, under an id of this tab), so that a reload or a restart of the
   server loses nothing. */

const drafts = {
  tab() {
    let id = sessionStorage.getItem("relevance-lab-tab");
    if (!id) {
      id = crypto.getRandomValues(new Uint32Array(4)).join("-");
      sessionStorage.setItem("relevance-lab-tab", id);
    }
    return id;
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
  // ``page`` keeps the drafts of several pages apart.
  save: (draft, page = "") => drafts.run("readwrite", (store) => store.put(draft, drafts.tab() + page)),
  load: (page = "") => drafts.run("readonly", (store) => store.get(drafts.tab() + page)),
  forget: (page = "") => drafts.run("readwrite", (store) => store.delete(drafts.tab() + page)),
};
