import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConnectionReport } from '../../engine/contract/connection-report.ts';
import { errorText } from '../i18n/engine-text.ts';
import { useHostStore } from '../stores/host-store.ts';
import { useRuntime } from './runtime.ts';

/** Tests the saved server, and says how quick it is, what it is, and what it lacks. */
export function ConnectionCheck({ server }: { server: 'postgres' | 'redis' }): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const isConnected = useHostStore((state) => state.storageConnected);
  const isThere = useHostStore((state) => server === 'postgres' || state.settings.redis.hosts.length > 0);
  const [report, setReport] = useState<ConnectionReport | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const check = async () => {
    setBusy(true);
    setReport(null);
    setError('');
    try {
      setReport(await runtime.storage.checkConnection(server));
    } catch (failure) {
      setError(errorText(failure));
    }
    setBusy(false);
  };
  const failure = report?.failure ?? 'none';
  return (
    <div className="form-row top">
      <span />
      <span className="connection-check" data-testid={`check-${server}`}>
        <button
          type="button"
          className="quiet"
          data-testid={`check-${server}-start`}
          disabled={isBusy || !isConnected || !isThere}
          onClick={() => void check()}
        >
          {isBusy ? t('connection.testing') : t('connection.test')}
        </button>
        {error !== '' && <span className="form-error">{error}</span>}
        {failure !== 'none' && (
          <span className="form-error" data-failure={failure} title={report?.detail}>
            {t(`connection.failure.${failure}`)}
            {failure === 'other' && `: ${report?.detail}`}
          </span>
        )}
        {report && failure === 'none' && (
          <span className="num" data-failure="none">
            {report.versions.join(' · ')} · {report.latencyMs.toFixed(2)} ms
            {report.lacks.length === 0 && ` · ${t('connection.complete')}`}
          </span>
        )}
        {report?.lacks.map((lack) => (
          <span key={lack} className={lack === 'timescale' ? 'dim' : 'form-error'} data-lack={lack}>
            {t(`connection.lack.${lack}`)}
          </span>
        ))}
      </span>
    </div>
  );
}
