import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isSlowVenue } from '../../engine/contract/market-protocol.ts';
import { useRuntime } from '../app/runtime.ts';
import { engineText } from '../i18n/engine-text.ts';
import { venueName } from '../i18n/venue-name.ts';
import { currentBookState, currentInstrument, useTradingStore } from '../stores/trading-store.ts';
import { formatCount, formatDurationMs, formatTimeUs } from './format.ts';

const RECENT = 6;
const COUNTS = [
  ['updates', 'depth'],
  ['applied', 'applied'],
  ['discarded', 'discarded'],
  ['trades', 'trades'],
  ['gaps', 'gaps'],
  ['resyncs', 'resyncs'],
  ['crossed', 'crossed'],
  ['badMessages', 'badMessages'],
] as const;
/** Of venues that send them. */
const CHECKSUMS = ['checksums', 'checksumFailures'] as const;

/** What is known of the book on screen: state, reason, since when, counts, and the last times it was not right. */
export function IntegrityDetails(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const spec = useTradingStore(currentInstrument);
  const book = useTradingStore(currentBookState);
  const feed = useTradingStore((state) => state.stats?.feed[state.instrument]);
  const replayed = useTradingStore((state) => state.source.kind === 'replay');
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  if (!spec) return <p className="empty">{t('refuse.noInstrument')}</p>;
  const { episodes } = runtime.integrity(spec.index);
  const recent = episodes.slice(-RECENT).reverse();
  const changes = Object.entries(feed?.stateChanges ?? {}).filter(([, count]) => count > 0);
  return (
    <div className="details num">
      <header className="details-head">
        <h3>{t('integrity.title')}</h3>
        <span className="dim">
          {venueName(spec.venue)} · {spec.symbol}
          {isSlowVenue(spec.venue) && <span className="badge warning">{t('slowPath.label')}</span>}
        </span>
      </header>
      <p className="details-state">
        <b className={`state-word ${book.state}`}>{t(`bookState.${book.state}`)}</b>
        {book.sinceUs > 0 && (
          <span className="dim">
            {t('integrity.since', { start: formatTimeUs(book.sinceUs) })}
            {/* A recording's clock is not ours: how long is not known. */}
            {!replayed && ` · ${formatDurationMs(Math.max(0, nowMs - book.sinceUs / 1000))}`}
          </span>
        )}
      </p>
      <p className="details-reason" data-testid="integrity-reason">
        {engineText(book.reason) || t(`bookStateHelp.${book.state}`)}
      </p>
      {feed && (
        <dl className="details-grid">
          {COUNTS.map(([label, key]) => (
            <div key={key}>
              <dt>{t(`integrity.${label}`)}</dt>
              <dd data-testid={`integrity-${key}`}>{formatCount(feed[key])}</dd>
            </div>
          ))}
          {(feed.checksums ?? 0) + (feed.checksumFailures ?? 0) > 0 &&
            CHECKSUMS.map((key) => (
              <div key={key}>
                <dt>{t(`integrity.${key}`)}</dt>
                <dd data-testid={`integrity-${key}`}>{formatCount(feed[key] ?? 0)}</dd>
              </div>
            ))}
        </dl>
      )}
      {changes.length > 0 && (
        <p className="details-changes">
          <span className="dim">{t('integrity.stateChanges')}</span>
          {changes.map(([state, count]) => (
            <span key={state}>
              <span className={`state-word ${state}`}>{t(`bookState.${state as 'live'}`)}</span> {count}
            </span>
          ))}
        </p>
      )}
      <h4>{t('integrity.recent')}</h4>
      {recent.length === 0 && <p className="dim">{t('integrity.none')}</p>}
      <ul className="details-list">
        {recent.map((episode) => (
          <li key={`${episode.startUs}`}>
            <span className="dim">{formatTimeUs(episode.startUs)}</span>
            <span className={`state-word ${episode.state}`}>{t(`bookState.${episode.state}`)}</span>
            <span className="right">
              {Number.isNaN(episode.endUs)
                ? t('integrity.underWay')
                : formatDurationMs((episode.endUs - episode.startUs) / 1000)}
            </span>
            <span className="dim ellipsis" title={engineText(episode.reason)}>
              {engineText(episode.reason)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
