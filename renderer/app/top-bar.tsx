import { type ReactElement, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { MarketField } from '../../engine/contract/market-frame.ts';
import { isSlowVenue } from '../../engine/contract/market-protocol.ts';
import { createStepFormatter, groupThousands } from '../hot/step-formatter.ts';
import { venueName } from '../i18n/venue-name.ts';
import { useHostStore } from '../stores/host-store.ts';
import { currentInstrument, useTradingStore } from '../stores/trading-store.ts';
import { openDialog } from '../stores/ui-store.ts';
import { Banner } from './banner.tsx';
import { KillSwitch } from './kill-switch.tsx';
import { useRuntime } from './runtime.ts';

/** Symbol, last price and spread, mode, the ways to everything else, the kill switch. */
export function TopBar(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const mode = useTradingStore((state) => state.mode);
  const spec = useTradingStore(currentInstrument);
  const source = useTradingStore((state) => state.source);
  const seed = useHostStore((state) => (state.settings.source.kind === 'sim' ? state.settings.source.seed : -1));
  // The engine describes a recording by its files; of the simulated market the seed is what matters.
  const described = source.kind === 'sim' && seed >= 0 ? t('topBar.seed', { seed }) : source.description;
  const last = useRef<HTMLElement>(null);
  const spread = useRef<HTMLElement>(null);

  useEffect(() => {
    if (!spec) return;
    const format = createStepFormatter(spec.tickSize);
    const drawable = {
      name: 'top-bar',
      priority: 3,
      leastMs: 100,
      leastMsWhenStrained: 250,
      draw: () => {
        const market = runtime.market(spec.index);
        const lastTicks = market.header[MarketField.lastPriceTicks] as number;
        if (last.current) {
          const text = lastTicks > 0 ? groupThousands(format(lastTicks)) : '–';
          if (last.current.textContent !== text) last.current.textContent = text;
          const className = market.header[MarketField.lastSide] === 2 ? 'last down' : 'last up';
          if (last.current.className !== className) last.current.className = className;
        }
        const ticks = market.bestAskTicks - market.bestBidTicks;
        if (spread.current) {
          const text = Number.isFinite(ticks) ? format(ticks) : '–';
          if (spread.current.textContent !== text) spread.current.textContent = text;
        }
      },
    };
    return runtime.scheduler.add(drawable);
  }, [runtime, spec]);

  return (
    <header className="top-bar">
      <span className="brand">Christmas</span>
      <button
        type="button"
        className="symbol-button"
        data-testid="symbol-open"
        data-venue={spec?.venue ?? ''}
        data-symbol={spec?.symbol ?? ''}
        title={t('switcher.open')}
        aria-label={t('switcher.open')}
        onClick={() => openDialog('symbols')}
      >
        <span className="symbol-venue">{spec ? venueName(spec.venue) : ''}</span>
        {spec && isSlowVenue(spec.venue) && (
          <span className="badge warning" title={t('slowPath.help')}>
            {t('slowPath.label')}
          </span>
        )}
        <b>{spec?.symbol ?? '–'}</b>
        <span className="dim">▾</span>
      </button>
      <span className="quote num">
        <b ref={last} className="last">
          –
        </b>
        <span className="dim">
          {t('topBar.spread')} <span ref={spread}>–</span>
        </span>
      </span>
      <button
        type="button"
        className={`mode ${mode}`}
        data-testid="status-mode"
        data-mode={mode}
        title={t(`modeHelp.${mode}`)}
        onClick={() => openDialog('session')}
      >
        {t(`mode.${mode}`)}
      </button>
      <span className="source dim" title={source.description}>
        {described}
      </span>
      <Banner />
      <button
        type="button"
        className="quiet"
        data-testid="open-session"
        onClick={() => openDialog('session')}
        title="Ctrl+O"
      >
        {t('topBar.session')}
      </button>
      <button type="button" className="quiet" data-testid="open-layouts" onClick={() => openDialog('layout')}>
        {t('topBar.layouts')}
      </button>
      <button type="button" className="quiet" data-testid="open-palette" onClick={() => openDialog('palette')}>
        {t('topBar.commands')} <kbd>Ctrl K</kbd>
      </button>
      <button
        type="button"
        className="quiet"
        data-testid="open-settings"
        onClick={() => openDialog('settings')}
        title="Ctrl+,"
      >
        {t('topBar.settings')}
      </button>
      <button
        type="button"
        className="quiet"
        data-testid="open-help"
        aria-label={t('action.help')}
        onClick={() => openDialog('help')}
      >
        ?
      </button>
      <KillSwitch />
    </header>
  );
}
