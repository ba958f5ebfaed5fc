import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TradeColumns } from '../../engine/contract/storage-messages.ts';
import { useRuntime } from '../app/runtime.ts';
import type { MarketState } from '../hot/market-state.ts';
import { TapeView } from '../hot/tape-view.ts';
import { useHostStore } from '../stores/host-store.ts';
import { currentInstrument, useTradingStore } from '../stores/trading-store.ts';
import { useSize } from './use-size.ts';

const PREFILL = 300;

/** Time and sales. */
export function TapePanel(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<TapeView | null>(null);
  const [unseen, setUnseen] = useState(-1);
  const spec = useTradingStore(currentInstrument);
  const minimum = useHostStore((state) => state.settings.tapeMinimumSize);
  const storageUp = useHostStore((state) => state.storageConnected && state.storage?.state === 'up');

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const created = new TapeView(
      element,
      () => runtime.current,
      (count, paused) => setUnseen(paused ? count : -1),
    );
    view.current = created;
    const remove = runtime.scheduler.add(created);
    return () => {
      remove();
      created.dispose();
      view.current = null;
    };
  }, [runtime]);

  useEffect(() => {
    view.current?.setInstrument(spec);
    if (!spec || !storageUp) return;
    const market = runtime.market(spec.index);
    // What was traded before the page came; only while that is not much less than what is on the tape already.
    if (market.tradesWritten > PREFILL) return;
    let wanted = true;
    runtime.storage.trades(spec, { beforeUs: Number.MAX_SAFE_INTEGER, limit: PREFILL }).then(
      (columns) => {
        if (!wanted) return;
        prefill(market, columns);
        view.current?.redraw();
      },
      (error: unknown) => console.info('Tape history is not available yet:', error),
    );
    return () => {
      wanted = false;
    };
  }, [runtime, spec, storageUp]);

  useEffect(() => {
    if (spec) view.current?.setMinimumLots(minimum / Number(spec.lotSize));
  }, [spec, minimum]);

  useSize(host, (_width, height) => view.current?.resize(height));

  return (
    <div className="panel tape-panel" data-testid="tape">
      <div className="panel-bar">
        <label className="field">
          <span>{t('tape.minimum')}</span>
          <input
            className="num"
            type="number"
            min={0}
            step="any"
            data-testid="tape-minimum"
            value={minimum}
            onChange={(event) => {
              const value = Number(event.target.value);
              if (value >= 0) void runtime.saveSettings({ tapeMinimumSize: value });
            }}
          />
          <span className="unit">{spec?.baseAsset}</span>
        </label>
        <span className="spacer" />
        {unseen >= 0 && <span className="badge warning">{t('tape.paused', { count: unseen })}</span>}
      </div>
      <div className="tape-head">
        <span>{t('tape.time')}</span>
        <span>{t('tape.price')}</span>
        <span>{t('tape.size')}</span>
      </div>
      <div className="tape-body num" ref={host} />
    </div>
  );
}

/** Puts stored trades in front of those that came live; a trade is known by its id. */
function prefill(market: MarketState, columns: TradeColumns): void {
  const live: number[][] = [];
  for (let n = 0; n < market.tradesWritten; n++) {
    const at = market.tradeOffset(n);
    if (at >= 0) live.push([...market.trades.subarray(at, at + 5)]);
  }
  const known = new Set(live.map((row) => row[3]));
  const firstUs = live[0]?.[0] ?? Number.POSITIVE_INFINITY;
  market.tradesWritten = 0;
  for (let i = 0; i < columns.id.length; i++) {
    const row = [
      columns.timeUs[i],
      columns.priceTicks[i],
      columns.sizeLots[i],
      columns.id[i],
      columns.side[i],
    ] as number[];
    if (!known.has(row[3]) && (row[0] as number) <= firstUs) market.pushTrade(row, 0);
  }
  for (const row of live) market.pushTrade(row, 0);
}
