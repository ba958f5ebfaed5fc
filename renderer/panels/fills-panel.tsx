import { memo, type ReactElement, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { FillView } from '../../engine/contract/trading-messages.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import { createStepFormatter } from '../hot/step-formatter.ts';
import { useOrdersStore } from '../stores/orders-store.ts';
import { symbolLabel } from '../i18n/symbol-label.ts';
import { useTradingStore } from '../stores/trading-store.ts';
import { formatMoney, formatTimeUs } from './format.ts';
import { useRowWindow } from './row-window.ts';

const SHOWN = 500;

/** Own fills, newest first. */
export function FillsPanel(): ReactElement {
  const { t } = useTranslation();
  const fills = useOrdersStore((state) => state.fills);
  const instruments = useTradingStore((state) => state.instruments);
  const scroller = useRef<HTMLDivElement>(null);
  const { first, end, roomAbovePx, roomBelowPx } = useRowWindow(scroller, Math.min(SHOWN, fills.length));
  return (
    <div className="panel table-panel">
      <div className="table-scroll" ref={scroller}>
        <table className="num" data-testid="fills-table">
          <thead>
            <tr>
              <th>{t('column.time')}</th>
              <th>{t('column.symbol')}</th>
              <th>{t('column.side')}</th>
              <th className="right">{t('column.price')}</th>
              <th className="right">{t('column.size')}</th>
              <th className="right">{t('column.value')}</th>
              <th className="right">{t('column.fee')}</th>
              <th>{t('column.liquidity')}</th>
              <th className="right">{t('column.order')}</th>
            </tr>
          </thead>
          <tbody>
            {roomAbovePx > 0 && <tr className="room" style={{ height: roomAbovePx }} />}
            {fills.slice(first, end).map((fill) => (
              <FillRow
                key={fill.sequence}
                fill={fill}
                spec={instruments[fill.instrument]}
                symbol={symbolLabel(instruments[fill.instrument], instruments)}
              />
            ))}
            {roomBelowPx > 0 && <tr className="room" style={{ height: roomBelowPx }} />}
          </tbody>
        </table>
        {fills.length === 0 && <p className="empty">{t('fills.empty')}</p>}
      </div>
    </div>
  );
}

const FillRow = memo(function FillRow({
  fill,
  spec,
  symbol,
}: {
  fill: FillView;
  spec: InstrumentSpec | undefined;
  symbol: string;
}): ReactElement {
  const { t } = useTranslation();
  const price = spec ? createStepFormatter(spec.tickSize) : String;
  const size = spec ? createStepFormatter(spec.lotSize) : String;
  const value = spec ? fill.priceTicks * Number(spec.tickSize) * fill.sizeLots * Number(spec.lotSize) : 0;
  return (
    <tr
      data-testid="fill-row"
      data-sequence={fill.sequence}
      data-side={fill.side}
      data-price-ticks={fill.priceTicks}
      data-size-lots={fill.sizeLots}
    >
      <td className="dim">{formatTimeUs(fill.timeUs)}</td>
      <td>{symbol || fill.instrument}</td>
      <td className={fill.side === 'buy' ? 'up' : 'down'}>{t(`side.${fill.side}`)}</td>
      <td className="right">{price(fill.priceTicks)}</td>
      <td className="right">{size(fill.sizeLots)}</td>
      <td className="right dim">{formatMoney(value)}</td>
      <td className="right dim">{fill.fee.toFixed(4)}</td>
      <td className="dim">{t(fill.maker ? 'fills.maker' : 'fills.taker')}</td>
      <td className="right dim">#{fill.orderNumber}</td>
    </tr>
  );
});
