/** Mouse and wheel over a plot: dragging and shift + wheel pan, the wheel zooms, a double click goes live. */

export interface GestureTarget {
  /** Right edge as it is now, in places of the x axis, and how many of them are on screen. */
  edge(): { xMax: number; span: number };
  onPan(xMax: number): void;
  /** `fraction`: where the pointer is, of the width from the left. */
  onZoom(factor: number, fraction: number): void;
  onLive(): void;
}

const ZOOM_STEP = 1.15;

/** Listens on `over`. @returns how to stop */
export function listenToGestures(over: HTMLElement, target: GestureTarget): () => void {
  const stop = new AbortController();
  const options = { passive: false, signal: stop.signal } as const;
  let panning = -1;
  let startX = 0;
  let startMax = 0;
  over.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      panning = event.pointerId;
      startX = event.clientX;
      startMax = target.edge().xMax;
      over.setPointerCapture(event.pointerId);
    },
    options,
  );
  over.addEventListener(
    'pointermove',
    (event) => {
      if (event.pointerId !== panning || event.clientX === startX) return;
      const { xMax, span } = target.edge();
      const wanted = startMax - ((event.clientX - startX) / over.clientWidth) * span;
      target.onPan(wanted);
      // Where there was nothing to move to, the way back begins under the hand.
      const reached = target.edge().xMax;
      if (reached !== wanted && Math.abs(reached - xMax) < Math.abs(wanted - xMax)) {
        startX = event.clientX;
        startMax = reached;
      }
    },
    options,
  );
  const release = (event: PointerEvent): void => {
    if (event.pointerId === panning) panning = -1;
  };
  over.addEventListener('pointerup', release, options);
  over.addEventListener('pointercancel', release, options);
  over.addEventListener('dblclick', () => target.onLive(), options);
  over.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const { xMax, span } = target.edge();
        target.onPan(xMax + ((event.deltaX || event.deltaY) / over.clientWidth) * span);
        return;
      }
      target.onZoom(event.deltaY > 0 ? ZOOM_STEP : 1 / ZOOM_STEP, event.offsetX / over.clientWidth);
    },
    options,
  );
  return () => stop.abort();
}
