import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { StoredRange } from '../../engine/contract/storage-messages.ts';
import { engineText, errorText } from '../i18n/engine-text.ts';
import { formatDateTimeUs, formatUtc, parseLocal } from './format-date.ts';

/** Entry of a date and time, in the time zone of the user, with UTC beside it; says what is stored, and refuses what is not. */
export function ChartJump(props: {
  /** Where the chart is, us since the epoch. */
  atUs: number;
  range(): Promise<StoredRange | null>;
  /** Resolves when the chart is there. */
  onJump(timeS: number, range: StoredRange): Promise<void>;
  onNow(): void;
  onDone(): void;
}): ReactElement {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(() => formatDateTimeUs(props.atUs));
  const [asked] = useState(() => props.range());
  const [range, setRange] = useState<StoredRange | null | undefined>();
  const [error, setError] = useState('');
  const us = parseLocal(text);

  useEffect(() => {
    input.current?.select();
    asked.then(setRange, (failure: Error) => setError(engineText(failure.message)));
  }, [asked]);

  const stored = range
    ? t('chart.stored', { from: formatDateTimeUs(range.fromS * 1e6), to: formatDateTimeUs(range.toS * 1e6) })
    : '';

  const go = async (): Promise<void> => {
    try {
      const known = await asked;
      if (us === undefined) setError(t('chart.badTime', { value: text }));
      else if (known === null) setError(t('chart.nothingStored'));
      else if (us < known.fromS * 1e6 || us >= known.toS * 1e6) setError(t('chart.outside', { value: text.trim() }));
      else {
        await props.onJump(us / 1e6, known);
        props.onDone();
      }
    } catch (failure) {
      setError(errorText(failure));
    }
  };

  return (
    <form
      className="chart-jump"
      data-testid="chart-jump-form"
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <label>
        {t('chart.jumpTo')}
        <input
          ref={input}
          className="num"
          data-testid="chart-jump-time"
          placeholder="YYYY-MM-DD HH:MM:SS"
          spellCheck={false}
          value={text}
          aria-invalid={us === undefined || error !== ''}
          onChange={(event) => {
            setText(event.target.value);
            setError('');
          }}
        />
      </label>
      <span className="num utc" data-testid="chart-jump-utc">
        {us === undefined ? '–' : `${formatUtc(us)} UTC`}
      </span>
      <span className="num stored" data-testid="chart-jump-stored">
        {range === null ? t('chart.nothingStored') : stored}
      </span>
      <span className="form-error" role="alert" data-testid="chart-jump-error">
        {error}
      </span>
      <div className="row">
        <button
          type="button"
          className="quiet"
          data-testid="chart-jump-now"
          onClick={() => {
            props.onNow();
            props.onDone();
          }}
        >
          {t('chart.now')}
        </button>
        <button type="submit" className="primary" data-testid="chart-jump-go">
          {t('chart.jump')}
        </button>
      </div>
    </form>
  );
}
