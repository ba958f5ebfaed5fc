import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import { onCommand } from '../app/commands.ts';
import { useRuntime } from '../app/runtime.ts';
import { CandleChart } from '../charts/candle-chart.ts';
import { CandleHistory } from '../charts/candle-history.ts';
import { CandleColumn, type CandleSeries } from '../charts/candle-series.ts';
import { IntegrityHistory } from '../charts/integrity-history.ts';
import { createStepFormatter, type StepFormatter } from '../hot/step-formatter.ts';
import { useHostStore } from '../stores/host-store.ts';
import { currentInstrument, useTradingStore } from '../stores/trading-store.ts';
import { formatTimeOfDay } from './format.ts';
import { useSize } from './use-size.ts';

const INTERVALS = [
  { label: '1s', seconds: 1 },
  { label: '5s', seconds: 5 },
  { label: '15s', seconds: 15 },
  { label: '1m', seconds: 60 },
  { label: '5m', seconds: 300 },
] as const;

interface Readout {
  time: string;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
  rising: boolean;
}

/** Candles, volume, own fills and orders of the instrument on screen. */
export function ChartPanel(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const root = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLDivElement>(null);
  const chart = useRef<CandleChart | null>(null);
  const reload = useRef<() => void>(() => undefined);
  const [follow, setFollow] = useState(true);
  const [seconds, setSeconds] = useState(1);
  const spec = useTradingStore(currentInstrument);
  const theme = useHostStore((state) => state.settings.theme);
  const language = useHostStore((state) => state.settings.language);
  const storageUp = useHostStore((state) => state.storageConnected && state.storage?.state === 'up');

  useEffect(() => {
    const element = host.current;
    const container = root.current;
    if (!element || !container) return;
    const window = () => runtime.candleWindow(useTradingStore.getState().instrument);
    const log = () => runtime.integrity(useTradingStore.getState().instrument);
    const marks = new IntegrityHistory(runtime.storage, () => chart.current?.touch());
    const history = new CandleHistory(runtime.storage, () => {
      chart.current?.touch();
      void marks.cover(window().candles.firstTimeS * 1e6).catch(tolerate);
    });
    // History is a convenience: without storage the chart lives on what is live, and asks again when storage is up.
    const tolerate = (error: unknown) => console.info('Chart history is not available yet:', error);
    const created = new CandleChart(
      element,
      {
        market: () => runtime.current,
        window,
        orders: () => runtime.ledger.orders,
        fills: () => runtime.ledger.fills,
        episodes: () => log().episodes,
      },
      {
        onReadout: (candles, row) => writeReadout(readout.current, candles, row),
        onFollow: setFollow,
        onNeedOlder: () => void history.loadOlder().catch(tolerate),
        invalidate: () => runtime.scheduler.hurry(created),
      },
    );
    chart.current = created;
    let later: ReturnType<typeof setTimeout> | undefined;
    reload.current = () => {
      clearTimeout(later);
      const delayMs = runtime.historyDelayMs;
      if (delayMs > 0) {
        history.suspend();
        later = setTimeout(() => reload.current(), delayMs);
        return;
      }
      const current = currentInstrument(useTradingStore.getState());
      if (!current) return;
      const nowS = Date.now() / 1000;
      const newestS = window().candles.length > 0 ? window().candles.lastTimeS + window().intervalS : nowS;
      marks.start(current, log(), newestS * 1e6);
      void history.load(current, window(), nowS).catch(tolerate);
    };
    const cleanups = [
      runtime.scheduler.add(created),
      runtime.onSnapshot(() => reload.current()),
      runtime.onSlowTick(() => {
        created.writeAttributes(container);
      }),
      onCommand('chart.live', () => created.goLive()),
    ];
    return () => {
      clearTimeout(later);
      for (const cleanup of cleanups) cleanup();
      created.dispose();
      chart.current = null;
    };
  }, [runtime]);

  useEffect(() => {
    chart.current?.setInstrument(spec);
    if (!spec) return;
    runtime.candleWindow(spec.index).setInterval(seconds);
    if (storageUp) reload.current();
    chart.current?.goLive();
  }, [runtime, spec, seconds, storageUp]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme is what the colours are read again for
  useEffect(() => chart.current?.refreshTheme(), [theme, language]);

  useSize(host, (width, height) => chart.current?.resize(width, height));

  return (
    <div className="panel chart-panel" data-testid="chart" ref={root}>
      <div className="panel-bar">
        <div className="segmented">
          {INTERVALS.map((interval) => (
            <button
              key={interval.label}
              type="button"
              data-testid={`interval-${interval.label}`}
              aria-pressed={seconds === interval.seconds}
              onClick={() => setSeconds(interval.seconds)}
            >
              {interval.label}
            </button>
          ))}
        </div>
        <div className="chart-readout num" ref={readout}>
          {(['time', 'open', 'high', 'low', 'close', 'volume'] as const).map((key) => (
            <span key={key} className={key}>
              <i>{key === 'time' ? '' : t(`chart.${key}`)}</i>
              <b data-key={key} />
            </span>
          ))}
        </div>
        <span className="spacer" />
        <button type="button" className="quiet" disabled={follow} onClick={() => chart.current?.goLive()} title="L">
          <span className={follow ? 'dot live' : 'dot'} /> {follow ? t('chart.live') : t('chart.goLive')}
        </button>
      </div>
      <div className="chart-host" ref={host} />
    </div>
  );
}

/** Formatters of the instrument on screen: the figures change with every draw. */
let formats: { spec: InstrumentSpec; price: StepFormatter; size: StepFormatter } | undefined;

function writeReadout(element: HTMLElement | null, candles: CandleSeries, row: number): void {
  const spec = currentInstrument(useTradingStore.getState());
  if (!element || !spec) return;
  if (formats?.spec !== spec) {
    formats = { spec, price: createStepFormatter(spec.tickSize), size: createStepFormatter(spec.lotSize, 3) };
  }
  const { price, size } = formats;
  const value = (column: number) => candles.value(column, row);
  const shown: Readout = {
    time: formatTimeOfDay(value(CandleColumn.timeS)),
    open: price(value(CandleColumn.open)),
    high: price(value(CandleColumn.high)),
    low: price(value(CandleColumn.low)),
    close: price(value(CandleColumn.close)),
    volume: size(value(CandleColumn.volume)),
    rising: value(CandleColumn.close) >= value(CandleColumn.open),
  };
  element.classList.toggle('rising', shown.rising);
  for (const node of element.querySelectorAll<HTMLElement>('[data-key]')) {
    const text = shown[node.dataset['key'] as keyof Omit<Readout, 'rising'>];
    if (node.textContent !== text) node.textContent = text;
  }
}
