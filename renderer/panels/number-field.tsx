import { type ReactElement, useEffect, useState } from 'react';

export interface NumberFieldProps {
  label: string;
  help: string;
  unit: string;
  value: number;
  min?: number | undefined;
  max?: number | undefined;
  step?: number | undefined;
  error: string;
  testId: string;
  disabled?: boolean;
  onChange(value: number): void;
}

/** A labelled number with unit, bounds and its own error line. Text that is no number is kept and reported as NaN. */
export function NumberField(props: NumberFieldProps): ReactElement {
  const [text, setText] = useState(String(props.value));
  useEffect(() => {
    setText((current) =>
      Number(current) === props.value || Number.isNaN(props.value) ? current : String(props.value),
    );
  }, [props.value]);
  const bounds = [props.min, props.max].some((bound) => bound !== undefined)
    ? `${props.min ?? '−∞'} … ${props.max ?? '∞'}`
    : '';
  return (
    <label
      className={props.error ? 'form-row invalid' : 'form-row'}
      title={[props.help, bounds].filter(Boolean).join('\n')}
    >
      <span className="form-label">{props.label}</span>
      <input
        className="num"
        type="number"
        step={props.step ?? 'any'}
        data-testid={props.testId}
        value={text}
        disabled={props.disabled}
        aria-invalid={props.error !== ''}
        onChange={(event) => {
          setText(event.target.value);
          const value = event.target.value.trim() === '' ? Number.NaN : Number(event.target.value);
          props.onChange(value);
        }}
      />
      <span className="form-unit">{props.unit}</span>
      {props.error && <span className="form-error">{props.error}</span>}
    </label>
  );
}
