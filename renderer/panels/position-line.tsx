import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { createStepFormatter } from '../hot/step-formatter.ts';
import { currentInstrument, useTradingStore } from '../stores/trading-store.ts';
import { formatMoney, formatSigned, moneyClass, signClass } from './format.ts';

/** Position, entry and open profit of the instrument on screen, in one line above the ladder. */
export function PositionLine(): ReactElement {
  const { t } = useTranslation();
  const spec = useTradingStore(currentInstrument);
  const position = useTradingStore((state) => state.positions[state.instrument]);
  if (!spec || !position || position.positionLots === 0)
    return <span className="position-line dim">{t('position.flat')}</span>;
  const size = createStepFormatter(spec.lotSize)(position.positionLots);
  const entry = createStepFormatter(spec.tickSize)(position.averagePriceTicks);
  return (
    <span className="position-line num">
      <b className={signClass(position.positionLots)}>{formatSigned(size, true)}</b>
      <span className="dim">@ {entry}</span>
      <b className={moneyClass(position.unrealizedPnl)}>{formatMoney(position.unrealizedPnl, true)}</b>
    </span>
  );
}
