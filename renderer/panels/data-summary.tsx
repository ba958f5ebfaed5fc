import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { DataCatalog } from '../../engine/contract/data-messages.ts';
import { useHostStore } from '../stores/host-store.ts';
import { engineText } from '../i18n/engine-text.ts';
import { formatDateTimeUs } from './format-date.ts';
import { formatBytes, formatCount } from './format.ts';

/** Less is on its way at any moment. */
const BEHIND_RECORDS = 2_000;

/** State of the store, how far behind it is, and what it takes up on disk. */
export function DataSummary({ catalog }: { catalog: DataCatalog | null }): ReactElement {
  const { t } = useTranslation();
  const storage = useHostStore((state) => state.storage);
  const connected = useHostStore((state) => state.storageConnected);
  const state = connected && storage ? storage.state : 'down';
  const isBehind = storage !== null && storage.backlog > BEHIND_RECORDS;
  return (
    <div className="data-summary num" data-testid="data-summary" data-state={state}>
      <span className={`data-state ${state}`} title={engineText(storage?.reason ?? '')}>
        <span className="dot" /> {t(`storageState.${state}`)}
      </span>
      {storage && (storage.sinceMs ?? 0) > 0 && (
        <span className="dim">{t('data.since', { time: formatDateTimeUs((storage.sinceMs ?? 0) * 1000) })}</span>
      )}
      {storage?.state === 'down' && <span className="form-error">{engineText(storage.reason)}</span>}
      {storage && (
        <span className={isBehind ? '' : 'dim'} data-testid="data-backlog" data-records={storage.backlog}>
          {isBehind
            ? `${t('data.backlog', { records: formatCount(storage.backlog), bytes: formatBytes(storage.backlogBytes ?? 0) })} · ${t('data.perSecond', { records: formatCount(storage.recordsPerSecond ?? 0) })}`
            : t('data.caughtUp')}
        </span>
      )}
      {storage?.disk && (
        <span className={storage.disk.level === 'enough' ? 'dim' : 'form-error'}>
          {t('data.free', { bytes: formatBytes(storage.disk.freeBytes) })}
        </span>
      )}
      {catalog && (
        <>
          <span>
            <i>{t('data.postgres')}</i> <b data-testid="data-postgres-bytes">{formatBytes(catalog.postgresBytes)}</b>
          </span>
          <span>
            <i>{t('data.journal')}</i> <b data-testid="data-journal-bytes">{formatBytes(catalog.journalBytes)}</b>
          </span>
        </>
      )}
      {catalog && catalog.droppedBeforeUs > 0 && (
        <span className="dim">{t('data.dropped', { time: formatDateTimeUs(catalog.droppedBeforeUs) })}</span>
      )}
    </div>
  );
}
