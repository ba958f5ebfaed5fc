import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { marketProtocols, type VenueId } from '../../engine/contract/market-protocol.ts';
import type { Settings, VenueAddress } from '../../engine/contract/settings.ts';
import { venueName } from '../i18n/venue-name.ts';
import { useHostStore } from '../stores/host-store.ts';

/** Other addresses for the public data of venues: a testnet, a gateway, a recorder. For who knows why. */
export function VenueAddresses({ save }: { save(patch: Partial<Settings>): Promise<boolean> }): ReactElement {
  const { t } = useTranslation();
  const addresses = useHostStore((state) => state.settings.venueAddresses);
  const [venue, setVenue] = useState<VenueId>('binance-spot');
  const [restUrl, setRestUrl] = useState('');
  const [streamUrl, setStreamUrl] = useState('');
  const set = Object.entries(addresses) as [VenueId, VenueAddress][];
  const put = async () => {
    const address = { restUrl: restUrl.trim(), streamUrl: streamUrl.trim() };
    if (!(await save({ venueAddresses: { ...addresses, [venue]: address } }))) return;
    setRestUrl('');
    setStreamUrl('');
  };
  const drop = (gone: VenueId) =>
    void save({ venueAddresses: Object.fromEntries(set.filter(([other]) => other !== gone)) });
  return (
    <details className="advanced" open={set.length > 0}>
      <summary>{t('settings.addresses')}</summary>
      <p className="dim note">{t('settings.addressesHelp')}</p>
      {set.map(([name, address]) => (
        <div key={name} className="address-row" data-testid="venue-address" data-venue={name}>
          <b>{venueName(name)}</b>
          <span className="grow ellipsis dim" title={`${address.restUrl}\n${address.streamUrl}`}>
            {address.restUrl} · {address.streamUrl}
          </span>
          <button type="button" className="icon" aria-label={t('settings.addressDelete')} onClick={() => drop(name)}>
            ✕
          </button>
        </div>
      ))}
      <form
        className="address-form"
        onSubmit={(event) => {
          event.preventDefault();
          void put();
        }}
      >
        <select
          aria-label={t('session.venue')}
          value={venue}
          onChange={(event) => setVenue(event.target.value as VenueId)}
        >
          {marketProtocols.map((protocol) => (
            <option key={protocol} value={protocol}>
              {venueName(protocol)}
            </option>
          ))}
        </select>
        <input
          aria-label="REST"
          placeholder="https://…"
          spellCheck={false}
          value={restUrl}
          onChange={(event) => setRestUrl(event.target.value)}
        />
        <input
          aria-label="WebSocket"
          placeholder="wss://…"
          spellCheck={false}
          value={streamUrl}
          onChange={(event) => setStreamUrl(event.target.value)}
        />
        <button type="submit" disabled={restUrl.trim() === '' || streamUrl.trim() === ''}>
          {t('form.save')}
        </button>
      </form>
    </details>
  );
}
