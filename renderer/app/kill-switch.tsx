import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engineText } from '../i18n/engine-text.ts';
import { useTradingStore } from '../stores/trading-store.ts';
import { kill, resetKill } from './order-actions.ts';
import { useRuntime } from './runtime.ts';

/** The button that stops everything, and what became of it. Always on screen. */
export function KillSwitch(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const view = useTradingStore((state) => state.kill);
  const atMs = useTradingStore((state) => state.killAtMs);
  const connected = useTradingStore((state) => state.connected);
  const [nowMs, setNowMs] = useState(0);
  const counting = view.state === 'cancelling' || view.state === 'closing' || view.state === 'confirming';
  useEffect(() => {
    if (!counting) return;
    const timer = setInterval(() => setNowMs(performance.now()), 50);
    return () => clearInterval(timer);
  }, [counting]);
  const elapsedMs = view.elapsedMs + (counting ? Math.max(0, nowMs - atMs) : 0);
  const seconds = (elapsedMs / 1000).toFixed(2);
  return (
    <div className={`kill-switch ${view.state}`}>
      {view.state !== 'idle' && (
        <span className="kill-state" title={engineText(view.detail)}>
          <b>{t(`kill.${view.state}`)}</b> <span className="num">{seconds} s</span>
          {view.state === 'alarm' && <em>{engineText(view.detail)}</em>}
        </span>
      )}
      <span hidden data-testid="kill-state" data-state={view.state} />
      {(view.state === 'flatConfirmed' || view.state === 'alarm') && (
        <button type="button" className="quiet" data-testid="kill-reset" onClick={() => resetKill(runtime)}>
          {t('kill.reset')}
        </button>
      )}
      <button
        type="button"
        className="kill"
        data-testid="kill"
        disabled={!connected || counting}
        title={t('kill.help')}
        onClick={() => kill(runtime)}
      >
        {t('kill.button')}
      </button>
    </div>
  );
}
