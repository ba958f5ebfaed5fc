import { memo, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { StoredSeries } from '../../engine/contract/data-messages.ts';
import { venueName } from '../i18n/venue-name.ts';
import { openInChart } from '../stores/chart-store.ts';
import { formatDateTimeUs } from './format-date.ts';
import { formatBytes, formatCount, formatDurationNs } from './format.ts';

const SOURCES = ['sim', 'live', 'import', 'replay'] as const;

/** A row for each symbol of each venue and source. */
export const DataSeriesTable = memo(function DataSeriesTable(props: {
  series: readonly StoredSeries[];
  onExport(series: StoredSeries): void;
}): ReactElement {
  const { t } = useTranslation();
  return (
    <table className="num" data-testid="data-table">
      <thead>
        <tr>
          <th>{t('data.venue')}</th>
          <th>{t('data.symbol')}</th>
          <th>{t('data.source')}</th>
          <th>{t('data.from')}</th>
          <th>{t('data.to')}</th>
          <th className="right">{t('data.rows')}</th>
          <th className="right">{t('data.trades')}</th>
          <th className="right" title={t('data.bytesHelp')}>
            {t('data.bytes')}
          </th>
          <th className="right" title={t('data.gapsHelp')}>
            {t('data.gaps')}
          </th>
          <th />
        </tr>
      </thead>
      <tbody>
        {props.series.map((series) => (
          <SeriesRow
            key={`${series.venue}|${series.symbol}|${series.source}`}
            series={series}
            onExport={props.onExport}
          />
        ))}
      </tbody>
    </table>
  );
});

function SeriesRow({ series, onExport }: { series: StoredSeries; onExport(series: StoredSeries): void }): ReactElement {
  const { t } = useTranslation();
  const { venue, symbol, source, fromUs, toUs, rows, trades, bytes, gaps, gapUs } = series;
  const kind = SOURCES.find((name) => source === name || source.startsWith(`${name}:`));
  return (
    <tr
      data-testid="data-row"
      data-venue={venue}
      data-symbol={symbol}
      data-source={source}
      data-rows={rows}
      data-trades={trades}
    >
      <td>{venueName(venue)}</td>
      <td>
        <button
          type="button"
          className="data-symbol"
          data-testid="data-chart"
          title={t('data.chart')}
          onClick={() => openInChart({ source, venue, symbol })}
        >
          {symbol}
        </button>
      </td>
      <td className="dim data-source" title={source}>
        {kind === undefined ? source : t(`data.sourceName.${kind}`)}
        {kind === 'replay' ? ` ${source.slice('replay:'.length)}` : ''}
      </td>
      <td className="dim">{formatDateTimeUs(fromUs)}</td>
      <td className="dim">{formatDateTimeUs(toUs)}</td>
      <td className="right">{formatCount(rows)}</td>
      <td className="right">{formatCount(trades)}</td>
      <td className="right">{formatBytes(bytes)}</td>
      <td className={gaps > 0 ? 'right' : 'right dim'} title={t('data.gapsHelp')}>
        {gaps > 0 ? `${formatCount(gaps)} · ${formatDurationNs(gapUs * 1000)}` : '0'}
      </td>
      <td className="right">
        <button type="button" className="quiet" data-testid="data-export" onClick={() => onExport(series)}>
          {t('data.export')}
        </button>
      </td>
    </tr>
  );
}
