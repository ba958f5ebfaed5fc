import { type ReactElement, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useRuntime } from '../app/runtime.ts';
import { formatDurationMs, formatDurationNs } from '../panels/format.ts';
import { useTradingStore } from '../stores/trading-store.ts';

const CELLS = [
  'fps',
  'frame',
  'tickToPaint',
  'tickToOrder',
  'clickToAnswer',
  'loop',
  'longFrames',
  'dropped',
  'conflated',
  'events',
  'deferred',
  'cost',
] as const;
type Cell = (typeof CELLS)[number];

/** One line of figures about the page and the engine, with its own cost. Written four times a second, without React. */
export function ProfilingStrip(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const nodes = new Map<Cell, Element>();
    for (const cell of CELLS) {
      const node = element.querySelector(`[data-key="${cell}"]`);
      if (node) nodes.set(cell, node);
    }
    const metrics = runtime.metrics;
    let costMs = 0;
    let windowStartMs = performance.now();
    let conflated = 0;
    let conflatedPerSecond = 0;
    const draw = (nowMs: number) => {
      const beganMs = performance.now();
      const { stats } = useTradingStore.getState();
      const market = runtime.current;
      if (nowMs - windowStartMs >= 1000) {
        const seconds = (nowMs - windowStartMs) / 1000;
        metrics.overlayMsPerSecond = costMs / seconds;
        conflatedPerSecond = Math.max(0, market.conflatedEvents - conflated) / seconds;
        conflated = market.conflatedEvents;
        costMs = 0;
        windowStartMs = nowMs;
      }
      const order = stats?.latencyNs['tickToOrder'];
      const texts: Record<Cell, string> = {
        fps: String(metrics.framesPerSecond(nowMs)),
        frame: pair(metrics.frameWork.quantileMs(0.5), metrics.frameWork.quantileMs(0.99)),
        tickToPaint: pair(metrics.tickToPaint.quantileMs(0.5), metrics.tickToPaint.quantileMs(0.99)),
        tickToOrder:
          order && order.count > 0
            ? `${formatDurationNs(order.p50)} / ${formatDurationNs(order.p99)} / ${formatDurationNs(order.p999)}`
            : '–',
        clickToAnswer:
          metrics.clickToAnswer.count > 0
            ? pair(metrics.clickToAnswer.quantileMs(0.5), metrics.clickToAnswer.quantileMs(0.99))
            : '–',
        loop: stats ? formatDurationMs(stats.loopDelayP99Ms) : '–',
        longFrames: `${metrics.longFrames}${metrics.longestFrameMs > 0 ? ` · ${Math.round(metrics.longestFrameMs)} ms` : ''}`,
        dropped: String(market.droppedTrades),
        conflated: `${Math.round(conflatedPerSecond)} /s`,
        events: stats ? `${Math.round(stats.eventsPerSecond)} /s` : '–',
        deferred: String(metrics.deferredPanels),
        cost: `${metrics.overlayMsPerSecond.toFixed(2)} ms/s`,
      };
      for (const [cell, node] of nodes) if (node.textContent !== texts[cell]) node.textContent = texts[cell];
      costMs += performance.now() - beganMs;
    };
    const stops = [runtime.onSlowTick(draw), runtime.scheduler.keepRunning()];
    draw(performance.now());
    return () => {
      for (const stop of stops) stop();
    };
  }, [runtime]);
  return (
    <div className="profiling-strip num" data-testid="profiling-strip" ref={root}>
      {CELLS.map((cell) => (
        <span key={cell} title={t(`strip.help.${cell}`)}>
          <i>{t(`strip.${cell}`)}</i>
          <b data-key={cell} data-testid={`strip-${cell}`} />
        </span>
      ))}
    </div>
  );
}

function pair(p50: number, p99: number): string {
  return `${formatDurationMs(p50)} / ${formatDurationMs(p99)}`;
}
