// Keeps arrays for the components of the page; nothing of it is to be seen.

const KEPT = 6; // names; the oldest goes first

export default function ({ data, parentElement }) {
  // Nothing is to be seen here, so it takes no place among the page's elements.
  parentElement.host.closest('[data-testid="stElementContainer"]').style.display = "none";
  const { arrays, meta } = decodeArrays(data);
  const kept = (globalThis.cnnExplorer.stash ??= new Map());
  kept.delete(meta.name);
  kept.set(meta.name, arrays);
  for (const name of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(name);
  }
  dispatchEvent(new Event("cnn-explorer-stash"));
  return () => {};
}
