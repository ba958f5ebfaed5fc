import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  checkParameters,
  type ParameterSpec,
  type ParameterValues,
} from '../../engine/contract/strategy-parameters.ts';
import { startStrategy, stopStrategy } from '../app/order-actions.ts';
import { useRuntime } from '../app/runtime.ts';
import { engineText, errorText } from '../i18n/engine-text.ts';
import { symbolLabel } from '../i18n/symbol-label.ts';
import { useHostStore } from '../stores/host-store.ts';
import { currentInstrument, useTradingStore } from '../stores/trading-store.ts';
import { showToast } from '../stores/ui-store.ts';
import { NumberField } from './number-field.tsx';

/** Choice, state and parameters of the strategy; the form comes from its schema. */
export function StrategyPanel(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const schemas = useTradingStore((state) => state.strategies);
  const strategy = useTradingStore((state) => state.strategy);
  const instruments = useTradingStore((state) => state.instruments);
  const spec = useTradingStore(currentInstrument);
  const connected = useTradingStore((state) => state.connected);
  const chosen = useHostStore((state) => state.settings.strategy);
  const language = useHostStore((state) => state.settings.language);
  const [draft, setDraft] = useState<ParameterValues>({});
  const running = strategy?.state === 'running';
  const schema = schemas.find((s) => s.name === (running ? strategy.name : chosen.name)) ?? schemas[0];

  if (!schema)
    return (
      <div className="panel form-panel">
        <p className="empty">{t('strategy.none')}</p>
      </div>
    );

  const saved = running ? strategy.parameters : chosen.parameters;
  const current = (p: ParameterSpec) => draft[p.key] ?? saved[p.key] ?? p.default;
  const errors = new Map<string, string>();
  for (const p of schema.parameters) {
    try {
      checkParameters({ ...schema, parameters: [p] }, { [p.key]: current(p) });
    } catch (error) {
      errors.set(p.key, engineText(error instanceof Error ? error.message.replace(`${p.key}: `, '') : String(error)));
    }
  }
  const changed = schema.parameters.some((p) => p.key in draft && !Object.is(draft[p.key], saved[p.key] ?? p.default));
  const state = strategy?.state ?? 'stopped';
  const strategySymbol = symbolLabel(strategy ? instruments[strategy.instrument] : undefined, instruments);
  const watchOnly = spec?.watchOnly ? engineText(spec.watchOnly) : '';

  const save = async (): Promise<boolean> => {
    const parameters = Object.fromEntries(schema.parameters.map((p) => [p.key, current(p)]));
    const stored = await runtime.saveSettings({ strategy: { name: schema.name, parameters } });
    if (stored && running) {
      try {
        await runtime.trading.request({ kind: 'strategyParameters', parameters });
      } catch (error) {
        showToast('error', t('toast.strategyRefused'), errorText(error));
        return false;
      }
    }
    if (stored) setDraft({});
    return stored;
  };

  return (
    <div className="panel form-panel">
      <div className="panel-bar">
        <select
          className="grow"
          data-testid="strategy-select"
          value={schema.name}
          disabled={running}
          aria-label={t('panel.strategy')}
          onChange={(event) => {
            setDraft({});
            void runtime.saveSettings({ strategy: { name: event.target.value, parameters: {} } });
          }}
        >
          {schemas.map((s) => (
            <option key={s.name} value={s.name}>
              {s.label[language]}
            </option>
          ))}
        </select>
        <button
          type="button"
          className="primary"
          data-testid="strategy-start"
          disabled={running || !connected || errors.size > 0 || watchOnly !== ''}
          title={watchOnly || t('strategy.startHelp', { symbol: symbolLabel(spec, instruments) })}
          onClick={async () => {
            if (!changed || (await save())) await startStrategy(runtime);
          }}
        >
          {t('strategy.start')}
        </button>
        <button
          type="button"
          data-testid="strategy-stop"
          disabled={!running || !connected}
          onClick={() => void stopStrategy(runtime)}
        >
          {t('strategy.stop')}
        </button>
      </div>
      <div className={`strategy-state ${state}`} data-testid="strategy-state" data-state={state}>
        <span className="dot" />
        <b>{t(`strategyState.${state}`)}</b>
        <span>
          {running ? strategySymbol : t('strategy.willTrade', { symbol: symbolLabel(spec, instruments) || '–' })}
        </span>
        {strategy?.reason && <span className="dim">{engineText(strategy.reason)}</span>}
      </div>
      <div className="form-scroll">
        {schema.parameters.map((p) =>
          p.kind === 'boolean' ? (
            <label key={p.key} className="form-row" title={p.help[language]}>
              <span className="form-label">{p.label[language]}</span>
              <input
                type="checkbox"
                data-testid={`parameter-${p.key}`}
                checked={Boolean(current(p))}
                onChange={(event) => setDraft({ ...draft, [p.key]: event.target.checked })}
              />
            </label>
          ) : (
            <NumberField
              key={p.key}
              label={p.label[language]}
              help={p.help[language]}
              unit={p.unit}
              value={Number(current(p))}
              min={p.min}
              max={p.max}
              step={p.step}
              error={errors.get(p.key) ?? ''}
              testId={`parameter-${p.key}`}
              onChange={(value) => setDraft({ ...draft, [p.key]: value })}
            />
          ),
        )}
      </div>
      <div className="form-actions">
        <button
          type="button"
          className="quiet"
          onClick={() => setDraft(Object.fromEntries(schema.parameters.map((p) => [p.key, p.default])))}
        >
          {t('form.defaults')}
        </button>
        <span className="spacer" />
        <button type="button" className="quiet" disabled={!changed} onClick={() => setDraft({})}>
          {t('form.revert')}
        </button>
        <button
          type="button"
          className="primary"
          data-testid="strategy-apply"
          disabled={!changed || errors.size > 0}
          onClick={() => void save()}
        >
          {running ? t('form.apply') : t('form.save')}
        </button>
      </div>
    </div>
  );
}
