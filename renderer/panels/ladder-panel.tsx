import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isSlowVenue } from '../../engine/contract/market-protocol.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import { roleOf } from '../../engine/contract/trading-shards.ts';
import { onCommand } from '../app/commands.ts';
import { cancelMany, cancelOrder, placeAt } from '../app/order-actions.ts';
import { useRuntime } from '../app/runtime.ts';
import { LadderView } from '../hot/ladder-view.ts';
import { LADDER_STEPS } from '../hot/price-bucket.ts';
import { createStepFormatter } from '../hot/step-formatter.ts';
import { engineText } from '../i18n/engine-text.ts';
import { venueName } from '../i18n/venue-name.ts';
import { useHostStore } from '../stores/host-store.ts';
import { currentBookState, currentInstrument, replayEnded, useTradingStore } from '../stores/trading-store.ts';
import { IntegrityBadge } from './integrity-badge.tsx';
import { PositionLine } from './position-line.tsx';
import { SizePresets } from './size-presets.tsx';
import { useSize } from './use-size.ts';

/** Steps chosen by hand, by venue and symbol, for this page's life. */
const chosenSteps = new Map<string, number>();

/** Price ladder with one-click orders. */
export function LadderPanel(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<LadderView | null>(null);
  const [step, setStep] = useState(0);
  const [away, setAway] = useState(0);
  const spec = useTradingStore(currentInstrument);
  const book = useTradingStore(currentBookState);
  const connected = useTradingStore((state) => state.connected);
  const epoch = useTradingStore((state) => state.epoch);
  const ended = useTradingStore(replayEnded);
  const failure = useHostStore((state) =>
    state.processes.find((p) => roleOf(p.name) === 'trading' && p.state === 'failed'),
  );
  const live = connected && book.state === 'live' && !ended;
  const watchOnly = spec?.watchOnly ? engineText(spec.watchOnly) : '';

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const created = new LadderView(
      element,
      () => runtime.current,
      () => runtime.ledger.orders,
      {
        onPress: (side, priceTicks, { shift, control }) =>
          void placeAt(runtime, side, priceTicks, shift ? 'post-only' : control ? 'ioc' : 'limit'),
        onCancel: (orderNumber) => void cancelOrder(runtime, orderNumber),
        onCancelRow: (orderNumbers) => void cancelMany(runtime, orderNumbers),
        onStep: setStep,
        onAway: setAway,
      },
    );
    view.current = created;
    const cleanups = [runtime.scheduler.add(created), onCommand('ladder.recentre', () => created.recentre())];
    return () => {
      for (const cleanup of cleanups) cleanup();
      created.dispose();
      view.current = null;
    };
  }, [runtime]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another engine session is another book
  useEffect(() => {
    const chosen = spec ? (chosenSteps.get(`${spec.venue} ${spec.symbol}`) ?? 0) : 0;
    view.current?.setInstrument(spec, chosen);
    setStep(view.current?.step ?? chosen);
    if (view.current) runtime.scheduler.invalidate(view.current);
  }, [runtime, spec?.venue, spec?.symbol, spec?.tickSize, epoch]);

  useSize(host, (_width, height) => view.current?.resize(height));

  const changeStep = (value: number) => {
    setStep(value);
    if (spec) chosenSteps.set(`${spec.venue} ${spec.symbol}`, value);
    view.current?.setStep(value);
    if (view.current) runtime.scheduler.invalidate(view.current);
  };
  const price = spec ? createStepFormatter(spec.tickSize) : String;

  let title = t('integrity.blockedBy', { state: t(`bookState.${book.state}`) });
  let reason = engineText(book.reason) || t('ladder.waiting');
  if (!connected) {
    title = failure ? t('banner.process.failed', { name: t('process.trading') }) : t('status.disconnected');
    reason = failure ? `${engineText(failure.detail)}. ${t('ladder.otherSession')}` : t('ladder.engineGone');
  } else if (ended) {
    title = t('status.replayDone');
    reason = t('ladder.replayEnded');
  }

  return (
    <div
      className={`panel ladder-panel${live ? '' : ' not-live'}${live && !watchOnly ? '' : ' blocked'}`}
      data-testid="ladder"
      data-blocked={!live || watchOnly !== ''}
    >
      <div className="panel-bar">
        <SizePresets />
      </div>
      <div className="panel-bar">
        <PositionLine />
        <span className="spacer" />
        <label className="field" title={t('ladder.stepHelp')}>
          <span>{t('ladder.step')}</span>
          <select data-testid="ladder-step" value={step} onChange={(event) => changeStep(Number(event.target.value))}>
            {step === 0 && <option value={0}>–</option>}
            {LADDER_STEPS.map((ticks) => (
              <option key={ticks} value={ticks}>
                {price(ticks)
                  .replace(/(\.\d*?)0+$/, '$1')
                  .replace(/\.$/, '')}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          className={away === 0 ? 'quiet' : 'quiet attention'}
          data-testid="ladder-centre"
          title={t('ladder.centreHelp')}
          onClick={() => view.current?.recentre()}
        >
          {away === 0 ? t('ladder.centre') : `${away > 0 ? '▲' : '▼'} ${Math.abs(away)}`}
        </button>
      </div>
      <div className="integrity-strip" data-testid="integrity-strip">
        <IntegrityBadge testId="integrity-badge" />
        <span className="integrity-text" title={watchOnly || (live ? '' : reason)}>
          {live && watchOnly ? (
            <>
              <b>{t('integrity.watchOnly')}</b> {watchOnly}
            </>
          ) : live ? (
            spec && <IntegritySource spec={spec} />
          ) : (
            reason
          )}
        </span>
      </div>
      <div className="ladder-head">
        <span>{t('ladder.own')}</span>
        <span>{t('ladder.bid')}</span>
        <span>{t('ladder.price')}</span>
        <span>{t('ladder.ask')}</span>
        <span>{t('ladder.last')}</span>
      </div>
      <div className="ladder-body num" ref={host} />
      {!live && (
        <div className="ladder-notice" role="status">
          <b>{title}</b>
          <span>{reason}</span>
        </div>
      )}
    </div>
  );
}

/** Where the rows come from, while there is nothing worse to say. */
function IntegritySource({ spec }: { spec: InstrumentSpec }): ReactElement {
  const { t } = useTranslation();
  return (
    <>
      <span className="dim">
        {venueName(spec.venue)} · {spec.symbol}
      </span>
      {isSlowVenue(spec.venue) && (
        <span className="badge warning" title={t('slowPath.help')}>
          {t('slowPath.label')}
        </span>
      )}
    </>
  );
}
