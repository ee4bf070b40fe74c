// Two histograms as outlines, one of them dashed, and a mark: painted anew as a hand moves.

export default function (args) {
  return living(args, createSpread);
}

function createSpread(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const canvas = part("chart");
  const TOP = 20;
  let scene = null;

  function paint() {
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!scene || !width) return;
    [canvas.width, canvas.height] = [width * devicePixelRatio, height * devicePixelRatio];
    const context = canvas.getContext("2d");
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const most = Math.max(...scene.shares.flat()) || 1;
    const y = (share) => height - 1 - ((height - TOP - 2) * share) / most;
    scene.shares.forEach((shares, group) => {
      const colour = group ? TWO : ONE;
      const step = width / shares.length;
      context.beginPath();
      context.moveTo(0, height - 1);
      shares.forEach((share, i) => {
        context.lineTo(i * step, y(share));
        context.lineTo((i + 1) * step, y(share));
      });
      context.lineTo(width, height - 1);
      context.globalAlpha = 0.14;
      context.fillStyle = colour;
      context.fill();
      context.globalAlpha = 1;
      context.strokeStyle = colour;
      context.lineWidth = 2;
      context.setLineDash(group ? [5, 4] : []);
      context.stroke();
    });
    context.setLineDash([]);
    if (scene.at === null) return;
    const ink = themeColor(host, "text-color");
    const x = Math.min(Math.max(scene.at * width, 1.5), width - 1.5);
    context.strokeStyle = ink;
    context.lineWidth = 3;
    context.beginPath();
    context.moveTo(x, TOP - 3);
    context.lineTo(x, height);
    context.stroke();
    context.font = `700 13px ${themeColor(host, "font") || "sans-serif"}`;
    context.fillStyle = ink;
    const half = context.measureText(scene.text).width / 2;
    context.textAlign = "center";
    context.textBaseline = "top";
    context.fillText(scene.text, Math.min(Math.max(x, half), width - half), 1);
  }

  const observer = new ResizeObserver(paint);
  observer.observe(canvas);

  return {
    update(next) {
      scene = next;
      write(part("head"), next.heading);
      write(part("low"), next.ends[0]);
      write(part("high"), next.ends[1]);
      write(part("one"), next.names[0]);
      write(part("two"), next.names[1]);
      canvas.setAttribute("aria-label", `${next.heading}: ${next.text}`);
      paint();
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
    },
    destroy: () => observer.disconnect(),
  };
}
