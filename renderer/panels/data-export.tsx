import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ExportFormat, ExportTable, StoredSeries } from '../../engine/contract/data-messages.ts';
import { useRuntime } from '../app/runtime.ts';
import { errorText } from '../i18n/engine-text.ts';
import { venueName } from '../i18n/venue-name.ts';
import { formatUtc, parseUtc } from './format-date.ts';

const TABLES: ExportTable[] = ['trades', 'quotes', 'candles'];
const FORMATS: ExportFormat[] = ['csv', 'parquet'];
const INTERVALS_S = [1, 5, 60, 300, 3600];
const SECOND_US = 1_000_000;

/** What of a series goes into a file, and which kind of file; it is written into the data folder. */
export function DataExport({ series, onDone }: { series: StoredSeries; onDone(): void }): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const [table, setTable] = useState<ExportTable>('trades');
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [intervalSeconds, setInterval] = useState(60);
  const [from, setFrom] = useState(() => formatUtc(series.fromUs));
  // The field shows whole seconds: the last one belongs to it.
  const [to, setTo] = useState(() => formatUtc(Math.floor(series.toUs / SECOND_US + 1) * SECOND_US));
  const [error, setError] = useState('');
  const fromUs = parseUtc(from);
  const toUs = parseUtc(to);
  const bad = fromUs === undefined ? from : toUs === undefined ? to : undefined;

  const start = async () => {
    if (fromUs === undefined || toUs === undefined) return;
    const { venue, symbol, source } = series;
    try {
      await runtime.storage.startExport({ venue, symbol, source, table, format, intervalSeconds, fromUs, toUs });
      onDone();
    } catch (failure) {
      setError(errorText(failure));
    }
  };

  return (
    <form
      className="data-form"
      data-testid="data-export-form"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <b>{t('data.exportOf', { symbol: series.symbol, venue: venueName(series.venue) })}</b>
      <div className="row">
        <label className="field">
          {t('data.table')}
          <select
            data-testid="data-export-table"
            value={table}
            onChange={(event) => setTable(event.target.value as ExportTable)}
          >
            {TABLES.map((name) => (
              <option key={name} value={name}>
                {t(`data.tables.${name}`)}
              </option>
            ))}
          </select>
        </label>
        {table === 'candles' && (
          <label className="field">
            {t('data.interval')}
            <select value={intervalSeconds} onChange={(event) => setInterval(Number(event.target.value))}>
              {INTERVALS_S.map((seconds) => (
                <option key={seconds} value={seconds}>
                  {seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`}
                </option>
              ))}
            </select>
          </label>
        )}
        <label className="field">
          {t('data.format')}
          <select
            data-testid="data-export-format"
            value={format}
            onChange={(event) => setFormat(event.target.value as ExportFormat)}
          >
            {FORMATS.map((name) => (
              <option key={name} value={name}>
                {name === 'csv' ? 'CSV' : 'Parquet'}
              </option>
            ))}
          </select>
        </label>
        <label className="field data-range">
          {t('data.range')}
          <input
            data-testid="data-export-from"
            aria-label={t('data.from')}
            value={from}
            aria-invalid={fromUs === undefined}
            onChange={(event) => setFrom(event.target.value)}
          />
          –
          <input
            data-testid="data-export-to"
            aria-label={t('data.to')}
            value={to}
            aria-invalid={toUs === undefined}
            onChange={(event) => setTo(event.target.value)}
          />
        </label>
        <span className="form-error grow">{bad === undefined ? error : t('data.badTime', { value: bad })}</span>
        <button type="button" className="quiet" onClick={onDone}>
          {t('data.close')}
        </button>
        <button type="submit" className="primary" data-testid="data-export-start" disabled={bad !== undefined}>
          {t('data.start')}
        </button>
      </div>
    </form>
  );
}
