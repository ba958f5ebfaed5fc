import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { type MarketProtocol, marketProtocols } from '../../engine/contract/market-protocol.ts';
import { venueName } from '../i18n/venue-name.ts';
import { useHostStore } from '../stores/host-store.ts';
import { useRuntime } from './runtime.ts';
import { exampleSymbols, type SessionDraft } from './session-draft.ts';

const SPEEDS = [1, 2, 10, 50, 'max'] as const;

/** A recording: whose it is, its files in order, one symbol of it, how fast. */
export function ReplayFields({
  draft,
  onChange,
}: {
  draft: SessionDraft;
  onChange(patch: Partial<SessionDraft>): void;
}): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const info = useHostStore((state) => state.info);
  return (
    <>
      <label className="form-row">
        <span className="form-label">{t('session.protocol')}</span>
        <select
          data-testid="session-protocol"
          value={draft.protocol}
          onChange={(event) => onChange({ protocol: event.target.value as MarketProtocol | '' })}
        >
          <option value="">{t('session.protocolAny')}</option>
          {marketProtocols.map((protocol) => (
            <option key={protocol} value={protocol}>
              {venueName(protocol)}
            </option>
          ))}
        </select>
      </label>
      <label className="form-row tall top">
        <span className="form-label">{t('session.files')}</span>
        <textarea
          rows={4}
          spellCheck={false}
          data-testid="session-files"
          placeholder={t('session.filesPlaceholder')}
          value={draft.files}
          onChange={(event) => onChange({ files: event.target.value })}
        />
      </label>
      {info.canPickFiles && (
        <button
          type="button"
          className="quiet"
          onClick={async () => {
            const picked = await runtime.host.pickFiles();
            if (picked.length > 0) onChange({ files: picked.join('\n') });
          }}
        >
          {t('session.pick')}
        </button>
      )}
      <label className="form-row" title={t('session.symbolHelp')}>
        <span className="form-label">{t('session.symbol')}</span>
        <input
          data-testid="session-symbol"
          spellCheck={false}
          placeholder={`${t('session.symbolAny')}: ${exampleSymbols[draft.protocol || 'binance-spot']}`}
          value={draft.symbol}
          onChange={(event) => onChange({ symbol: event.target.value })}
        />
      </label>
      <div className="form-row">
        <span className="form-label">{t('session.speed')}</span>
        <div className="segmented">
          {SPEEDS.map((choice) => (
            <button
              key={choice}
              type="button"
              data-testid={`session-speed-${choice}`}
              aria-pressed={draft.speed === choice}
              onClick={() => onChange({ speed: choice })}
            >
              {choice === 'max' ? t('session.max') : `${choice}×`}
            </button>
          ))}
        </div>
      </div>
    </>
  );
}
