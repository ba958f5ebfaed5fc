import { memo, type ReactElement, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OrderView } from '../../engine/contract/trading-messages.ts';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import { cancelAll, cancelOrder } from '../app/order-actions.ts';
import { useRuntime } from '../app/runtime.ts';
import { createStepFormatter } from '../hot/step-formatter.ts';
import { engineText } from '../i18n/engine-text.ts';
import { isFinished, useOrdersStore } from '../stores/orders-store.ts';
import { symbolLabel } from '../i18n/symbol-label.ts';
import { useTradingStore } from '../stores/trading-store.ts';
import { formatTimeUs } from './format.ts';
import { useRowWindow } from './row-window.ts';

const SHOWN = 200;

/** Open orders first, then the finished ones. */
export function OrdersPanel(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const { orders, openCount } = useOrdersStore();
  const instruments = useTradingStore((state) => state.instruments);
  const [openOnly, setOpenOnly] = useState(false);
  const shown = (openOnly ? orders.slice(0, openCount) : orders).slice(0, SHOWN);
  const scroller = useRef<HTMLDivElement>(null);
  const { first, end, roomAbovePx, roomBelowPx } = useRowWindow(scroller, shown.length);
  return (
    <div className="panel table-panel">
      <div className="panel-bar">
        <label className="check">
          <input type="checkbox" checked={openOnly} onChange={(event) => setOpenOnly(event.target.checked)} />
          {t('orders.openOnly')}
        </label>
        <span className="dim num">{t('orders.open', { count: openCount })}</span>
        <span className="spacer" />
        <button
          type="button"
          className="quiet"
          data-testid="cancel-all"
          title={t('orders.cancelAllHelp')}
          onClick={() => void cancelAll(runtime)}
        >
          {t('orders.cancelAll')}
        </button>
      </div>
      <div className="table-scroll" ref={scroller}>
        <table className="num" data-testid="orders-table">
          <thead>
            <tr>
              <th>{t('column.time')}</th>
              <th>{t('column.symbol')}</th>
              <th>{t('column.side')}</th>
              <th>{t('column.type')}</th>
              <th className="right">{t('column.price')}</th>
              <th className="right">{t('column.filledOfSize')}</th>
              <th>{t('column.status')}</th>
              <th>{t('column.source')}</th>
              <th className="wide">{t('column.reason')}</th>
              <th aria-label={t('orders.cancel')} />
            </tr>
          </thead>
          <tbody>
            {roomAbovePx > 0 && <tr className="room" style={{ height: roomAbovePx }} />}
            {shown.slice(first, end).map((order) => (
              <OrderRow
                key={order.orderNumber}
                order={order}
                spec={instruments[order.instrument]}
                symbol={symbolLabel(instruments[order.instrument], instruments)}
              />
            ))}
            {roomBelowPx > 0 && <tr className="room" style={{ height: roomBelowPx }} />}
          </tbody>
        </table>
        {shown.length === 0 && <p className="empty">{t('orders.empty')}</p>}
      </div>
    </div>
  );
}

const OrderRow = memo(function OrderRow({
  order,
  spec,
  symbol,
}: {
  order: OrderView;
  spec: InstrumentSpec | undefined;
  symbol: string;
}): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const price = spec ? createStepFormatter(spec.tickSize) : String;
  const size = spec ? createStepFormatter(spec.lotSize) : String;
  const done = isFinished(order.status);
  return (
    <tr
      className={done ? 'done' : ''}
      data-testid="order-row"
      data-order-number={order.orderNumber}
      data-status={order.status}
      data-side={order.side}
      data-price-ticks={order.priceTicks}
      title={`#${order.orderNumber}  ${order.clientId}  ${t('column.venueOrder')} ${order.venueOrderId || '–'}`}
    >
      <td className="dim">{formatTimeUs(order.createdUs)}</td>
      <td>{symbol || order.instrument}</td>
      <td className={order.side === 'buy' ? 'up' : 'down'}>{t(`side.${order.side}`)}</td>
      <td className="dim">
        {t(`orderType.${order.type}`)}
        {order.reduceOnly ? ` · ${t('orderType.reduceOnly')}` : ''}
      </td>
      <td className="right">{price(order.priceTicks)}</td>
      <td className="right">
        {size(order.filledLots)}
        <span className="dim"> / {size(order.sizeLots)}</span>
      </td>
      <td>
        <span className={`order-status ${order.status}`}>{t(`orderStatus.${order.status}`)}</span>
      </td>
      <td className="dim">{t(`orderSource.${order.source}`)}</td>
      <td className="dim wide" title={engineText(order.reason)}>
        {engineText(order.reason)}
      </td>
      <td className="right">
        {!done && (
          <button
            type="button"
            className="icon"
            data-testid="order-cancel"
            aria-label={t('orders.cancel')}
            title={t('orders.cancel')}
            onClick={() => void cancelOrder(runtime, order.orderNumber)}
          >
            ✕
          </button>
        )}
      </td>
    </tr>
  );
});
