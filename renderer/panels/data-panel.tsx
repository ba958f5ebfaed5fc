import { type ReactElement, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DataCatalog, StoredSeries } from '../../engine/contract/data-messages.ts';
import { useRuntime } from '../app/runtime.ts';
import { engineText } from '../i18n/engine-text.ts';
import { useHostStore } from '../stores/host-store.ts';
import { DataExport } from './data-export.tsx';
import { DataImport } from './data-import.tsx';
import { DataJobs } from './data-jobs.tsx';
import { DataSeriesTable } from './data-series-table.tsx';
import { DataSummary } from './data-summary.tsx';

const REFRESH_MS = 5_000;

type Form = 'none' | 'import' | StoredSeries;

/** What is stored, and how it comes in and goes out. */
export function DataPanel(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const [catalog, setCatalog] = useState<DataCatalog | null>(null);
  const [reason, setReason] = useState('');
  const [form, setForm] = useState<Form>('none');
  const body = useRef<HTMLDivElement>(null);
  const isUp = useHostStore((state) => state.storageConnected && state.storage?.state === 'up');
  // A job that ends has changed what there is.
  const ended = useHostStore((state) => state.storage?.jobs.filter((job) => job.state !== 'running').length ?? 0);

  const refresh = useCallback(async () => {
    try {
      setCatalog(await runtime.storage.catalog());
      setReason('');
    } catch (error) {
      // What was known stays on screen.
      setReason(error instanceof Error ? error.message : String(error));
    }
  }, [runtime]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: an ended job is a reason to look again
  useEffect(() => {
    if (!isUp) return undefined;
    void refresh();
    const timer = setInterval(() => void refresh(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [refresh, isUp, ended]);

  // The form of a row far down opens above the rows.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another form is a reason to show its place
  useEffect(() => {
    if (body.current) body.current.scrollTop = 0;
  }, [form]);

  return (
    <div className="panel table-panel data-panel" data-testid="data-panel">
      <div className="panel-bar">
        <DataSummary catalog={catalog} />
        <span className="spacer" />
        <button type="button" className="quiet" data-testid="data-refresh" onClick={() => void refresh()}>
          {t('data.refresh')}
        </button>
        <button
          type="button"
          className="quiet"
          data-testid="data-import"
          aria-pressed={form === 'import'}
          onClick={() => setForm(form === 'import' ? 'none' : 'import')}
        >
          {t('data.import')}
        </button>
      </div>
      {reason !== '' && <p className="form-error data-reason">{t('data.noAnswer', { reason: engineText(reason) })}</p>}
      <div className="table-scroll" ref={body}>
        {form === 'import' && <DataImport onDone={() => setForm('none')} />}
        {typeof form === 'object' && <DataExport series={form} onDone={() => setForm('none')} />}
        <DataJobs />
        <DataSeriesTable series={catalog?.series ?? []} onExport={setForm} />
        {catalog?.series.length === 0 && <p className="empty">{t('data.empty')}</p>}
      </div>
    </div>
  );
}
