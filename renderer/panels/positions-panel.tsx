import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { closePosition, selectInstrument } from '../app/order-actions.ts';
import { useRuntime } from '../app/runtime.ts';
import { createStepFormatter } from '../hot/step-formatter.ts';
import { engineText } from '../i18n/engine-text.ts';
import { symbolLabel } from '../i18n/symbol-label.ts';
import { useTradingStore } from '../stores/trading-store.ts';
import { formatMoney, formatSigned, moneyClass, signClass } from './format.ts';

/** One row an instrument, and the sum. */
export function PositionsPanel(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const instruments = useTradingStore((state) => state.instruments);
  const positions = useTradingStore((state) => state.positions);
  const bookStates = useTradingStore((state) => state.bookStates);
  const removed = useTradingStore((state) => state.removed);
  const rows = instruments.flatMap((spec) => {
    const position = positions[spec.index];
    // What is only watched, or was removed, can hold nothing; if it does after all, it is shown.
    const empty = !position || (position.positionLots === 0 && position.realizedPnl === 0 && position.fees === 0);
    return !position || (empty && (spec.watchOnly || removed.has(spec.index))) ? [] : [{ spec, position }];
  });
  const sum = (key: 'realizedPnl' | 'unrealizedPnl' | 'fees') =>
    rows.reduce((total, row) => total + row.position[key], 0);
  const net = sum('realizedPnl') + sum('unrealizedPnl') - sum('fees');
  const quotes = new Set(rows.map((row) => row.spec.quoteAsset));
  return (
    <div className="panel table-panel">
      <div className="table-scroll">
        <table className="num">
          <thead>
            <tr>
              <th>{t('column.symbol')}</th>
              <th className="right">{t('column.position')}</th>
              <th className="right">{t('column.entry')}</th>
              <th className="right">{t('column.realized')}</th>
              <th className="right">{t('column.unrealized')}</th>
              <th className="right">{t('column.fees')}</th>
              <th className="right">{t('column.net')}</th>
              <th aria-label={t('position.close')} />
            </tr>
          </thead>
          <tbody>
            {rows.map(({ spec, position }) => {
              const net = position.realizedPnl + position.unrealizedPnl - position.fees;
              const book = bookStates[spec.index];
              const blocked = book !== undefined && book.state !== 'live';
              const state = t(`bookState.${book?.state ?? 'connecting'}`);
              return (
                <tr
                  key={spec.index}
                  data-testid="position-row"
                  data-instrument={spec.index}
                  data-position-lots={position.positionLots}
                >
                  <td>
                    <button type="button" className="link" onClick={() => void selectInstrument(runtime, spec.index)}>
                      {symbolLabel(spec, instruments)}
                    </button>
                  </td>
                  <td className={`right ${signClass(position.positionLots)}`}>
                    {formatSigned(createStepFormatter(spec.lotSize)(position.positionLots), true)}
                  </td>
                  <td className="right">
                    {position.positionLots === 0 ? '–' : createStepFormatter(spec.tickSize)(position.averagePriceTicks)}
                  </td>
                  <td className={`right ${moneyClass(position.realizedPnl)}`}>
                    {formatMoney(position.realizedPnl, true)}
                  </td>
                  <td className={`right ${moneyClass(position.unrealizedPnl)}`}>
                    {formatMoney(position.unrealizedPnl, true)}
                  </td>
                  <td className="right dim">{formatMoney(position.fees)}</td>
                  <td className={`right ${moneyClass(net)}`}>{formatMoney(net, true)}</td>
                  <td className="right">
                    <button
                      type="button"
                      className="quiet small"
                      data-testid="position-close"
                      disabled={position.positionLots === 0 || blocked}
                      title={
                        blocked ? t('refuse.book', { state, reason: engineText(book.reason) }) : t('position.closeHelp')
                      }
                      onClick={() => void closePosition(runtime, spec.index)}
                    >
                      {t('position.close')}
                    </button>
                  </td>
                </tr>
              );
            })}
          </tbody>
          {rows.length > 1 && quotes.size === 1 && (
            <tfoot>
              <tr>
                <td>{t('position.total', { asset: [...quotes][0] })}</td>
                <td />
                <td />
                <td className={`right ${moneyClass(sum('realizedPnl'))}`}>{formatMoney(sum('realizedPnl'), true)}</td>
                <td className={`right ${moneyClass(sum('unrealizedPnl'))}`}>
                  {formatMoney(sum('unrealizedPnl'), true)}
                </td>
                <td className="right dim">{formatMoney(sum('fees'))}</td>
                <td className={`right ${moneyClass(net)}`}>{formatMoney(net, true)}</td>
                <td />
              </tr>
            </tfoot>
          )}
        </table>
        {rows.length === 0 && <p className="empty">{t('position.empty')}</p>}
      </div>
    </div>
  );
}
