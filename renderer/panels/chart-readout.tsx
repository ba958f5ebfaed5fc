import type { ReactElement, Ref } from 'react';
import { useTranslation } from 'react-i18next';
import type { InstrumentSpec } from '../../engine/contract/units.ts';
import { CandleColumn, type CandleSeries } from '../charts/candle-series.ts';
import { createStepFormatter, type StepFormatter } from '../hot/step-formatter.ts';
import { formatDateTimeUs } from './format-date.ts';
import { formatTimeOfDay, formatTimeUs } from './format.ts';

const KEYS = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Figures of the row under the cursor; written by {@link writeReadout}, past React. */
export function ChartReadout({ element }: { element: Ref<HTMLDivElement> }): ReactElement {
  const { t } = useTranslation();
  return (
    <div className="chart-readout num" data-testid="chart-readout" ref={element}>
      {KEYS.map((key) => (
        <span key={key} className={key}>
          <i>{key === 'time' ? '' : t(`chart.${key}`)}</i>
          <b data-key={key} />
        </span>
      ))}
    </div>
  );
}

type Steps = Pick<InstrumentSpec, 'tickSize' | 'lotSize'>;

/** Formatters of the instrument on screen: the figures change with every draw. */
let formats: { spec: Steps; price: StepFormatter; size: StepFormatter } | undefined;

/** Writes a row's figures. What was wide once stays wide, so that nothing moves under the cursor. */
export function writeReadout(
  element: HTMLElement | null,
  spec: Steps,
  candles: CandleSeries,
  row: number,
  trades: boolean,
): void {
  if (!element) return;
  if (formats?.spec !== spec) {
    formats = { spec, price: createStepFormatter(spec.tickSize), size: createStepFormatter(spec.lotSize, 3) };
    for (const node of element.querySelectorAll<HTMLElement>('[data-key]')) node.style.minWidth = '';
  }
  const { price, size } = formats;
  const value = (column: number) => candles.value(column, row);
  const timeS = value(CandleColumn.timeS);
  const shown: Record<(typeof KEYS)[number], string> = {
    time: timeText(timeS, trades),
    open: price(value(CandleColumn.open)),
    high: price(value(CandleColumn.high)),
    low: price(value(CandleColumn.low)),
    close: price(value(CandleColumn.close)),
    volume: size(value(CandleColumn.volume)),
  };
  const bought = value(CandleColumn.buyVolume) > 0;
  element.classList.toggle('rising', trades ? bought : value(CandleColumn.close) >= value(CandleColumn.open));
  element.classList.toggle('trades', trades);
  for (const node of element.querySelectorAll<HTMLElement>('[data-key]')) {
    const text = shown[node.dataset['key'] as (typeof KEYS)[number]];
    if (node.textContent === text) continue;
    node.textContent = text;
    const width = `${text.length}ch`;
    if (text.length > (Number.parseInt(node.style.minWidth, 10) || 0)) node.style.minWidth = width;
  }
}

/** The date as well where it is not today's. */
function timeText(timeS: number, trades: boolean): string {
  const time = trades ? formatTimeUs(timeS * 1e6) : formatTimeOfDay(timeS);
  const today = new Date(timeS * 1000).toDateString() === new Date().toDateString();
  return today ? time : `${formatDateTimeUs(timeS * 1e6).slice(0, 10)} ${time}`;
}
