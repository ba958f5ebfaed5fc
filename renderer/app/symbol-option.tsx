import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isSlowVenue } from '../../engine/contract/market-protocol.ts';
import type { SymbolMatch } from '../../engine/contract/trading-messages.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import { createStepFormatter, groupThousands } from '../hot/step-formatter.ts';
import { engineText } from '../i18n/engine-text.ts';
import { venueName } from '../i18n/venue-name.ts';
import { useTradingStore } from '../stores/trading-store.ts';

interface OptionProps {
  selected: boolean;
  busy: boolean;
  onPoint(): void;
  onChoose(): void;
}

/** A subscribed symbol: state, last price, a way to drop it. */
export function SubscribedOption(props: OptionProps & { spec: InstrumentSpec; onRemove(): void }): ReactElement {
  const { t } = useTranslation();
  const { spec } = props;
  const shown = useTradingStore((state) => state.instrument === spec.index);
  const book = useTradingStore((state) => state.bookStates[spec.index]);
  const lastTicks = useTradingStore((state) => state.stats?.feed[spec.index]?.lastPriceTicks);
  const state = book?.state ?? 'connecting';
  const title = [t(`bookState.${state}`), engineText(book?.reason ?? ''), engineText(spec.watchOnly ?? '')];
  return (
    <Row
      {...props}
      venue={spec.venue}
      symbol={spec.symbol}
      assets={`${spec.baseAsset}/${spec.quoteAsset}`}
      title={title.filter(Boolean).join('\n')}
      dot={state}
      instrument={spec.index}
    >
      <span className="option-tags">
        {spec.watchOnly && <span className="badge">{t('integrity.watchOnly')}</span>}
        {state !== 'live' && <span className={`state-word ${state}`}>{t(`bookState.${state}`)}</span>}
      </span>
      <b className="option-price">
        {lastTicks === undefined ? '–' : groupThousands(createStepFormatter(spec.tickSize)(lastTicks))}
      </b>
      <button
        type="button"
        className="icon"
        tabIndex={-1}
        data-testid="symbol-remove"
        disabled={props.busy}
        title={t('switcher.remove', { symbol: spec.symbol })}
        aria-label={t('switcher.remove', { symbol: spec.symbol })}
        onClick={(event) => {
          event.stopPropagation();
          props.onRemove();
        }}
      >
        ✕
      </button>
      {shown && <span className="option-shown" />}
    </Row>
  );
}

/** A symbol that a venue lists and nobody subscribed to yet. */
export function MatchOption(props: OptionProps & { match: SymbolMatch }): ReactElement {
  const { t } = useTranslation();
  const { match } = props;
  return (
    <Row
      {...props}
      venue={match.venue}
      symbol={match.symbol}
      assets={`${match.baseAsset}/${match.quoteAsset}`}
      title={match.halted ? t('switcher.halted', { reason: match.halted }) : t('switcher.add')}
      dot=""
      instrument={-1}
    >
      <span className="option-tags">
        {props.busy && <span className="state-word syncing">{t('switcher.adding')}</span>}
        {match.halted && <span className="badge warning">{t('switcher.notTrading')}</span>}
      </span>
      <span className="option-price dim">{t('switcher.tick', { size: match.tickSize })}</span>
      <span className="option-add">+</span>
    </Row>
  );
}

function Row(
  props: OptionProps & {
    venue: string;
    symbol: string;
    assets: string;
    title: string;
    /** Class of the dot's colour; none without. */
    dot: string;
    instrument: number;
    children: ReactNode;
  },
): ReactElement {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the search field keeps the focus and has the keys
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field keeps the focus and has the keys
    <div
      role="option"
      className="option"
      data-testid="symbol-option"
      data-venue={props.venue}
      data-symbol={props.symbol}
      data-instrument={props.instrument}
      aria-selected={props.selected}
      title={props.title}
      onMouseMove={() => !props.selected && props.onPoint()}
      onClick={props.onChoose}
    >
      <span className={`dot state-dot ${props.dot}`} />
      <b className="option-symbol">{props.symbol}</b>
      <span className="dim option-assets">{props.assets}</span>
      <span className="option-venue">
        {venueName(props.venue)}
        {isSlowVenue(props.venue) && (
          <span className="badge warning" title={t('slowPath.help')}>
            {t('slowPath.label')}
          </span>
        )}
      </span>
      {props.children}
    </div>
  );
}
