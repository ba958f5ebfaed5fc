/** Description of one strategy parameter: the form in the strategy panel is generated from it. */
export interface ParameterSpec {
  key: string;
  kind: 'integer' | 'number' | 'boolean';
  /** Unit shown behind the field: `ticks`, `ms`, `%`, or empty. */
  unit: string;
  default: number | boolean;
  min?: number;
  max?: number;
  step?: number;
  label: { en: string; ko: string };
  help: { en: string; ko: string };
}

export interface StrategySchema {
  name: string;
  label: { en: string; ko: string };
  parameters: ParameterSpec[];
}

export type ParameterValues = Record<string, number | boolean>;

/**
 * Checks values against a schema; missing keys take their default.
 * @throws RangeError naming the field and the value.
 */
export function checkParameters(schema: StrategySchema, values: Record<string, unknown>): ParameterValues {
  const known = new Set(schema.parameters.map((p) => p.key));
  for (const key of Object.keys(values)) {
    if (!known.has(key)) throw new RangeError(`Expected a parameter of ${schema.name}, was "${key}"`);
  }
  const checked: ParameterValues = {};
  for (const p of schema.parameters) {
    const given = values[p.key];
    // Not `??`: a NaN becomes null on its way through JSON, and must not quietly become the default.
    const value = given === undefined ? p.default : given;
    if (p.kind === 'boolean') {
      if (typeof value !== 'boolean')
        throw new RangeError(`${p.key}: expected true or false, was ${JSON.stringify(value)}`);
    } else {
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        throw new RangeError(`${p.key}: expected a number, was ${JSON.stringify(value)}`);
      }
      if (p.kind === 'integer' && !Number.isInteger(value)) {
        throw new RangeError(`${p.key}: expected a whole number, was ${value}`);
      }
      if (p.min !== undefined && value < p.min)
        throw new RangeError(`${p.key}: expected at least ${p.min}, was ${value}`);
      if (p.max !== undefined && value > p.max)
        throw new RangeError(`${p.key}: expected at most ${p.max}, was ${value}`);
    }
    checked[p.key] = value as number | boolean;
  }
  return checked;
}
