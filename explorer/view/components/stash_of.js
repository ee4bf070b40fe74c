// Finds what stash.js keeps.

/** The arrays kept under a name, or null while they have not come. */
const stashed = (name) => globalThis.cnnExplorer.stash?.get(name) ?? null;

/** Calls back whenever something has come. */
function onStash(callback, signal) {
  addEventListener("cnn-explorer-stash", callback, { signal });
}
