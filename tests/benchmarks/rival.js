// Times, inside either page and by the same rule, from a person's event to the picture's maps, all
// of them, being on the screen.
//
// Put into a page before its own scripts. `race.arm(event)` forgets what was drawn; after the
// gesture, `race.settle()` answers when all maps have been painted and nothing has moved for QUIET
// ms. Times are in ms after the event's own timeStamp, or after the navigation where there was none.
//
// All maps drawn is looked up in each animation frame: in CNN Explainer every image of its overview
// has been given a picture since; ours counts the pictures that it has drawn, each one whole. They
// are painted when a task posted from that frame gets its turn, because by then the browser has laid
// the frame out and painted it.
(() => {
  if (window !== window.top) return;
  const QUIET = 700; // CNN Explainer's bars wait for 500 before they move
  const drawn = new Set();
  let waited = null; // for which event
  let start = 0;
  let before = "0"; // what our picture's count was
  let maps = null;
  let moved = 0;
  let picture = null;
  const { port1, port2 } = new MessageChannel();

  // d3 sets an image's picture by this, also where it is the same as before.
  const set = Element.prototype.setAttributeNS;
  Element.prototype.setAttributeNS = function (space, name, value) {
    set.call(this, space, name, value);
    if (name === "href" && this.matches("image.node-image")) drawn.add(this);
  };

  new MutationObserver(() => {
    moved = performance.now();
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });

  for (const type of ["pointerup", "pointermove"]) {
    const listener = (event) => {
      if (waited !== type) return;
      waited = null;
      start = event.timeStamp;
    };
    window.addEventListener(type, listener, { capture: true, passive: true });
  }

  const count = () => {
    if (!picture?.isConnected) {
      const inside = document.querySelectorAll(".st-key-network *");
      picture = [...inside].find((one) => one.placeOf) ?? null;
    }
    return picture?.dataset.painted ?? "0";
  };

  function complete() {
    if (drawn.size) return drawn.size === document.querySelectorAll("image.node-image").length;
    return count() !== before;
  }

  let posted = false;
  port1.onmessage = () => {
    maps = performance.now();
  };

  (function look() {
    if (waited === null && maps === null && !posted && complete()) {
      posted = true;
      port2.postMessage(null);
    }
    requestAnimationFrame(look);
  })();

  window.race = {
    arm(event) {
      drawn.clear();
      before = count();
      [maps, posted, waited] = [null, false, event];
    },
    async settle(patience) {
      const deadline = performance.now() + patience;
      while (maps === null || performance.now() - Math.max(maps, moved) < QUIET) {
        if (performance.now() > deadline) return null;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return { maps: maps - start, rest: Math.max(maps, moved) - start };
    },
  };
})();
