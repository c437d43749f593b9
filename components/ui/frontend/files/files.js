/* Files that the server makes on request: buttons with data-save="csv" or "json" ask, what comes back is saved once. */

class AskedFiles {
  /** ``box`` holds the buttons; ``ask(kind, count)`` sends the request. */
  constructor(box, ask) {
    this.asked = null;
    box.addEventListener("click", (event) => {
      const kind = event.target.closest("button")?.dataset.save;
      if (!kind) return;
      this.asked = Date.now();
      ask(kind, this.asked);
    });
  }

  take(file) {
    if (!file || file.count !== this.asked) return;
    this.asked = null;
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([file.text], { type: file.mime }));
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}
