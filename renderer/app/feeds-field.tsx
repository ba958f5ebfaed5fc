import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { marketProtocols } from '../../engine/contract/market-protocol.ts';
import { venueName } from '../i18n/venue-name.ts';
import { exampleSymbols, type FeedDraft, newFeed } from './session-draft.ts';

/** Venues and their symbols, one row a venue. */
export function FeedsField(props: {
  feeds: readonly FeedDraft[];
  testId: string;
  /** Exchanges of the generic library can be named as well. */
  slowPath: boolean;
  /** At least one row stays. */
  required: boolean;
  onChange(feeds: FeedDraft[]): void;
}): ReactElement {
  const { t } = useTranslation();
  const { feeds, onChange } = props;
  const change = (key: number, patch: Partial<FeedDraft>) =>
    onChange(feeds.map((feed) => (feed.key === key ? { ...feed, ...patch } : feed)));
  const choose = (feed: FeedDraft, venue: FeedDraft['venue']) => {
    // An example of the venue before makes no sense at this one; what was typed stays.
    const example = feed.symbols.trim() === '' || feed.symbols === exampleSymbols[feed.venue];
    change(feed.key, { venue, ...(example ? { symbols: exampleSymbols[venue] } : {}) });
  };
  // The simulated venue trades over Binance spot's protocol: what is added beside it is another one.
  const first = props.slowPath ? marketProtocols : marketProtocols.filter((venue) => venue !== 'binance-spot');
  const unused = first.find((venue) => feeds.every((feed) => feed.venue !== venue)) ?? 'okx';
  return (
    <div className="feeds-field" data-testid={props.testId}>
      {feeds.map((feed) => (
        <div key={feed.key} className="feed-row" data-testid="feed-row">
          <select
            aria-label={t('session.venue')}
            data-testid="feed-venue"
            value={feed.venue}
            onChange={(event) => choose(feed, event.target.value as FeedDraft['venue'])}
          >
            {marketProtocols.map((venue) => (
              <option key={venue} value={venue}>
                {venueName(venue)}
              </option>
            ))}
            {props.slowPath && <option value="ccxt">{t('session.otherVenue')}</option>}
          </select>
          {feed.venue === 'ccxt' && (
            <input
              className="feed-exchange"
              data-testid="feed-exchange"
              spellCheck={false}
              placeholder="bitstamp"
              title={t('session.exchangeHelp')}
              aria-label={t('session.exchangeHelp')}
              value={feed.exchange}
              onChange={(event) => change(feed.key, { exchange: event.target.value })}
            />
          )}
          <input
            className="grow"
            data-testid="feed-symbols"
            spellCheck={false}
            aria-label={t('session.symbols')}
            placeholder={exampleSymbols[feed.venue]}
            value={feed.symbols}
            onChange={(event) => change(feed.key, { symbols: event.target.value })}
          />
          <button
            type="button"
            className="icon"
            aria-label={t('session.removeVenue')}
            title={t('session.removeVenue')}
            disabled={props.required && feeds.length === 1}
            onClick={() => onChange(feeds.filter((other) => other.key !== feed.key))}
          >
            ✕
          </button>
        </div>
      ))}
      <button
        type="button"
        className="quiet small"
        data-testid="feed-add"
        onClick={() => onChange([...feeds, newFeed(unused)])}
      >
        + {t('session.addVenue')}
      </button>
    </div>
  );
}
