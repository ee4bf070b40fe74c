// What part of the picture is seen: wheel and pinch enlarge it, dragging moves it.
//
// At its natural size a finger scrolls the page. Enlarged, one finger or two move the picture, and at
// its upper or lower end the page, which would otherwise be caught where the picture fills a phone.

const MOST_ZOOM = 8;
const SLACK_PX = 5; // a press that moves less than this is a click

/** `size` tells the world's and the canvas' sizes in CSS pixels; `changed` asks for a repaint. */
function createView(canvas, on, size, changed) {
  let view = { k: 1, x: 0, y: 0 };
  const held = new Map(); // pointers that are down: where they were
  let moved = 0;

  const least = () => Math.min(1, size().width / size().world);

  function set(k, x, y) {
    const { width, height, world } = size();
    const zoom = Math.min(Math.max(k, least()), MOST_ZOOM);
    const clamp = (value, room, whole) => (whole <= room
      ? (room - whole) / 2
      : Math.min(0, Math.max(room - whole, value)));
    view = {
      k: zoom,
      x: clamp(x, width, world * zoom),
      y: zoom <= 1 ? 0 : clamp(y, height, height * zoom),
    };
    canvas.style.touchAction = view.k > least() ? "none" : "pan-y";
    changed();
  }

  /** Enlarges around a point of the canvas, which stays where it is. */
  function zoom(factor, px = size().width / 2, py = size().height / 2) {
    const k = Math.min(Math.max(view.k * factor, least()), MOST_ZOOM);
    set(k, px - ((px - view.x) * k) / view.k, py - ((py - view.y) * k) / view.k);
  }

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  on(canvas, "wheel", (event) => {
    // The page scrolls over the whole picture; a pinch on a touchpad comes as Ctrl and the wheel.
    if (!event.ctrlKey && !event.metaKey && view.k <= least()) return;
    event.preventDefault();
    // A wheel turns by steps of a hundred, a touchpad by single pixels.
    const turn = Math.max(-40, Math.min(40, event.deltaY));
    zoom(Math.exp(-0.01 * turn), ...place(event));
  }, { passive: false });

  /** Moves the picture as far as it goes, and the page by the rest. */
  function move(dx, dy, finger) {
    const wanted = view.y + dy;
    set(view.k, view.x + dx, wanted);
    const rest = wanted - view.y;
    const page = canvas.getRootNode().host?.closest('[data-testid="stMain"]');
    if (finger && rest) page?.scrollBy(0, -rest);
  }

  on(canvas, "pointerdown", (event) => {
    if (!held.size) moved = 0;
    held.set(event.pointerId, place(event));
  });
  on(canvas, "pointermove", (event) => {
    if (!held.has(event.pointerId)) return;
    const now = place(event);
    const was = held.get(event.pointerId);
    const [dx, dy] = [now[0] - was[0], now[1] - was[1]];
    if (held.size === 2) {
      const other = [...held].find(([id]) => id !== event.pointerId)[1];
      const far = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]);
      moved = SLACK_PX + 1;
      if (far(was)) zoom(far(now) / far(was), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
      // The point between the fingers stays under them.
      set(view.k, view.x + dx / 2, view.y + dy / 2);
    } else if (view.k > least()) {
      moved += Math.abs(dx) + Math.abs(dy);
      if (moved > SLACK_PX) {
        canvas.setPointerCapture(event.pointerId);
        move(dx, dy, event.pointerType === "touch");
      }
    }
    held.set(event.pointerId, place(event));
  });
  // Two fingers never scroll the page, whichever way they set off.
  on(canvas, "touchmove", (event) => {
    if (event.touches.length > 1 && event.cancelable) event.preventDefault();
  }, { passive: false });
  for (const type of ["pointerup", "pointercancel"]) {
    on(canvas, type, (event) => held.delete(event.pointerId));
  }

  return {
    get now() {
      return view;
    },
    get dragging() {
      return held.size > 0 && moved > SLACK_PX;
    },
    /** Whether the press that has just ended moved the picture. */
    get dragged() {
      return moved > SLACK_PX;
    },
    get whole() {
      return view.k === least();
    },
    zoom,
    reset: () => set(least(), 0, 0),
    fit: () => set(view.k, view.x, view.y),
    /** A point of the canvas as one of the world. */
    world(event) {
      const [x, y] = place(event);
      return [(x - view.x) / view.k, (y - view.y) / view.k];
    },
  };
}
