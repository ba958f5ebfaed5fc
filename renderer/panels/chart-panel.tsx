import type { TFunction } from 'i18next';
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { StoredName } from '../../engine/contract/storage-messages.ts';
import { onCommand } from '../app/commands.ts';
import { Popover } from '../app/popover.tsx';
import { useRuntime } from '../app/runtime.ts';
import { intervalName } from '../charts/candle-chart.ts';
import { TRADES } from '../charts/chart-page.ts';
import { INTERVALS_S } from '../charts/chart-viewport.ts';
import { engineText } from '../i18n/engine-text.ts';
import { venueName } from '../i18n/venue-name.ts';
import { closeStoredChart, useChartStore } from '../stores/chart-store.ts';
import { useHostStore } from '../stores/host-store.ts';
import { currentInstrument, useTradingStore } from '../stores/trading-store.ts';
import { showToast } from '../stores/ui-store.ts';
import { ChartController, type ChartStatus } from './chart-controller.ts';
import { ChartJump } from './chart-jump.tsx';
import { ChartReadout } from './chart-readout.tsx';
import { useSize } from './use-size.ts';

/** Candles or trades, volume, own fills and orders of the instrument on screen; or the history of a series of the store. */
export function ChartPanel(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const root = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLDivElement>(null);
  const chart = useRef<ChartController | null>(null);
  const [status, setStatus] = useState<ChartStatus>({ live: true, loading: false, intervalS: 1, shortestS: TRADES });
  const spec = useTradingStore(currentInstrument);
  const stored = useChartStore((state) => state.stored);
  const theme = useHostStore((state) => state.settings.theme);
  const language = useHostStore((state) => state.settings.language);
  const storageUp = useHostStore((state) => state.storageConnected && state.storage?.state === 'up');

  useEffect(() => {
    if (!host.current || !root.current || !readout.current) return;
    const elements = { container: root.current, host: host.current, readout: readout.current };
    const created = new ChartController(runtime, elements, setStatus);
    chart.current = created;
    const cleanups = [
      runtime.onSnapshot(() => created.reload()),
      onCommand('chart.live', () => created.goLive()),
      onCommand('chart.jump', () => root.current?.querySelector<HTMLElement>('[data-testid="chart-jump"]')?.click()),
    ];
    return () => {
      for (const cleanup of cleanups) cleanup();
      created.dispose();
      chart.current = null;
    };
  }, [runtime]);

  useEffect(() => {
    if (stored || !spec) return;
    chart.current?.showInstrument(spec);
    if (storageUp) chart.current?.reload();
  }, [spec, stored, storageUp]);

  useEffect(() => {
    if (!stored || !storageUp) return;
    chart.current?.showStored(stored).catch((error: Error) => {
      showToast('error', stored.symbol, engineText(error.message));
      closeStoredChart();
    });
  }, [stored, storageUp]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme is what the colours are read again for
  useEffect(() => chart.current?.refreshTheme(), [theme, language]);

  useSize(host, (width, height) => chart.current?.resize(width, height));

  const { live, loading, intervalS, shortestS } = status;
  return (
    <div className="panel chart-panel" data-testid="chart" data-loading={loading} ref={root}>
      <div className="panel-bar">
        <div className="segmented">
          {INTERVALS_S.map((seconds) => (
            <button
              key={seconds}
              type="button"
              data-testid={`interval-${intervalName(seconds)}`}
              aria-pressed={intervalS === seconds}
              disabled={seconds < shortestS}
              title={seconds === TRADES ? t('chart.ticksHelp') : undefined}
              onClick={() => chart.current?.setInterval(seconds)}
            >
              {seconds === TRADES ? t('chart.ticks') : intervalName(seconds)}
            </button>
          ))}
        </div>
        {stored && (
          <button
            type="button"
            className="quiet chart-stored"
            data-testid="chart-stored"
            title={`${storedTitle(stored, t)} – ${t('chart.closeStored')}`}
            onClick={closeStoredChart}
          >
            <span>{storedTitle(stored, t)}</span> ✕
          </button>
        )}
        <span className="spacer" />
        <Popover
          testId="chart-jump"
          className="quiet"
          label={t('chart.jumpHelp')}
          title={t('chart.jumpHelp')}
          button={t('chart.jump')}
        >
          {(close) => (
            <ChartJump
              atUs={chart.current?.middleUs ?? Number.NaN}
              range={async () => (await chart.current?.range()) ?? null}
              onJump={async (timeS, range) => chart.current?.jump(timeS, range)}
              onNow={() => chart.current?.goLive()}
              onDone={close}
            />
          )}
        </Popover>
        <button
          type="button"
          className="quiet"
          data-testid="chart-live"
          disabled={live}
          onClick={() => chart.current?.goLive()}
          title="L"
        >
          <span className={live ? 'dot live' : 'dot'} /> {live ? t('chart.live') : t('chart.goLive')}
        </button>
      </div>
      <div className="chart-host" ref={host}>
        <ChartReadout element={readout} />
        <span className="chart-loading" data-on={loading}>
          {t('chart.loading')}
        </span>
      </div>
    </div>
  );
}

function storedTitle({ symbol, venue, source = '' }: StoredName, t: TFunction): string {
  return `${symbol} · ${venueName(venue)} · ${source === 'import' ? t('data.sourceName.import') : source}`;
}
