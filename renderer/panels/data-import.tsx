import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type MarketProtocol, marketProtocols } from '../../engine/contract/market-protocol.ts';
import { useRuntime } from '../app/runtime.ts';
import { errorText } from '../i18n/engine-text.ts';
import { venueName } from '../i18n/venue-name.ts';
import { useHostStore } from '../stores/host-store.ts';

/** Paths to import: a line is one recording or public file, its files separated by commas. */
export function DataImport({ onDone }: { onDone(): void }): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const canPick = useHostStore((state) => state.info.canPickFiles);
  const [paths, setPaths] = useState('');
  const [protocol, setProtocol] = useState<MarketProtocol | ''>('');
  const [error, setError] = useState('');
  const orders = paths
    .split('\n')
    .map((line) =>
      line
        .split(',')
        .map((path) => path.trim())
        .filter(Boolean),
    )
    .filter((files) => files.length > 0);

  const start = async () => {
    try {
      for (const files of orders) {
        await runtime.storage.startImport({ files, ...(protocol === '' ? {} : { protocol }) });
      }
      onDone();
    } catch (failure) {
      setError(errorText(failure));
    }
  };

  return (
    <form
      className="data-form"
      data-testid="data-import-form"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <p className="dim note">{t('data.importHelp')}</p>
      <textarea
        rows={2}
        spellCheck={false}
        aria-label={t('data.paths')}
        data-testid="data-import-paths"
        placeholder={t('data.pathsPlaceholder')}
        value={paths}
        onChange={(event) => setPaths(event.target.value)}
      />
      <div className="row">
        <label className="field">
          {t('data.protocol')}
          <select value={protocol} onChange={(event) => setProtocol(event.target.value as MarketProtocol | '')}>
            <option value="">{t('data.protocolAny')}</option>
            {marketProtocols.map((name) => (
              <option key={name} value={name}>
                {venueName(name)}
              </option>
            ))}
          </select>
        </label>
        {canPick && (
          <button
            type="button"
            className="quiet"
            onClick={async () => {
              const picked = await runtime.host.pickFiles();
              if (picked.length > 0) setPaths(picked.join('\n'));
            }}
          >
            {t('data.pick')}
          </button>
        )}
        <span className="form-error grow">{error}</span>
        <button type="button" className="quiet" onClick={onDone}>
          {t('data.close')}
        </button>
        <button type="submit" className="primary" data-testid="data-import-start" disabled={orders.length === 0}>
          {t('data.start')}
        </button>
      </div>
    </form>
  );
}
