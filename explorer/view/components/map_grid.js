// Draws grids of maps: one, or a stack of them, as one component.
//
// A stack is one message and one element on the page, however many layers a network has; what each
// grid does is in grid.js.

const STACK = 0x534e4e43; // "CNNS", little-endian

export default function (args) {
  return living(args, createStack, { state: "selection" });
}

/** The blobs of a stack, or the one blob that it is. */
function unstack(bytes) {
  const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (head.getUint32(0, true) !== STACK) return [bytes];
  const count = head.getUint32(4, true);
  let start = 8 + 4 * count;
  return Array.from({ length: count }, (_, i) => {
    const end = start + head.getUint32(8 + 4 * i, true);
    const blob = bytes.subarray(start, end);
    start = end;
    return blob;
  });
}

function createStack(root) {
  const { host } = root;
  const place = root.querySelector('[data-part="stack"]');
  const pattern = place.firstElementChild;
  pattern.remove();
  const grids = [];

  function grow() {
    const block = pattern.cloneNode(true);
    place.append(block);
    grids.push({ block, grid: createGrid(block, host) });
  }

  function shrink() {
    const { block, grid } = grids.pop();
    grid.destroy();
    block.remove();
  }

  return {
    update(bytes, emit) {
      const blobs = unstack(bytes);
      place.classList.toggle("cards", blobs.length > 1);
      while (grids.length < blobs.length) grow();
      while (grids.length > blobs.length) shrink();
      blobs.forEach((blob, section) => {
        const maps = decode(blob);
        if (!section) place.style.setProperty("--across", maps.meta.across);
        grids[section].grid.update(maps, (selection) => {
          host.dataset.selected = selection.selected ?? "";
          emit({ section, ...selection });
        });
      });
      // For tests and benchmarks: what is on the canvases, and that it is there.
      host.grids = grids.map(({ grid }) => grid.shown());
      [host.maps] = host.grids;
      host.dataset.selected = host.maps.selected ?? "";
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
    },
    destroy() {
      while (grids.length) shrink();
    },
  };
}
