import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RiskRails } from '../../engine/contract/risk-rails.ts';
import { useRuntime } from '../app/runtime.ts';
import { errorText } from '../i18n/engine-text.ts';
import { useHostStore } from '../stores/host-store.ts';
import { useTradingStore } from '../stores/trading-store.ts';
import { showToast } from '../stores/ui-store.ts';
import { NumberField } from './number-field.tsx';

const FIELDS: { key: keyof RiskRails; unit: 'base' | 'quote' | 'bps' | 'perSecond' | 'none'; integer: boolean }[] = [
  { key: 'maxOrderSize', unit: 'base', integer: false },
  { key: 'maxPosition', unit: 'base', integer: false },
  { key: 'maxOrderValue', unit: 'quote', integer: false },
  { key: 'priceCollarBps', unit: 'bps', integer: false },
  { key: 'maxOrdersPerSecond', unit: 'perSecond', integer: true },
  { key: 'maxDailyLoss', unit: 'quote', integer: false },
  { key: 'maxOpenOrders', unit: 'none', integer: true },
];

/** Pre-trade rails: every one has a value, always. */
export function RailsPanel(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const engineRails = useTradingStore((state) => state.rails);
  const connected = useTradingStore((state) => state.connected);
  const savedRails = useHostStore((state) => state.settings.rails);
  const rails = engineRails ?? savedRails;
  const [draft, setDraft] = useState<Partial<RiskRails>>({});
  const errorOf = (key: keyof RiskRails, integer: boolean): string => {
    const value = draft[key] ?? rails[key];
    if (!Number.isFinite(value) || value <= 0) return t('rails.positive');
    return integer && !Number.isInteger(value) ? t('rails.whole') : '';
  };
  const changed = FIELDS.some(({ key }) => key in draft && !Object.is(draft[key], rails[key]));
  const invalid = FIELDS.some(({ key, integer }) => errorOf(key, integer) !== '');

  const apply = async () => {
    const next: RiskRails = { ...rails, ...draft };
    try {
      await runtime.trading.request({ kind: 'rails', rails: next });
    } catch (error) {
      showToast('error', t('rails.refused'), errorText(error));
      return;
    }
    useTradingStore.setState({ rails: next });
    if (await runtime.saveSettings({ rails: next })) {
      setDraft({});
      showToast('success', t('rails.applied'));
    }
  };

  return (
    <div className="panel form-panel">
      <div className="form-scroll">
        {FIELDS.map(({ key, unit, integer }) => (
          <NumberField
            key={key}
            label={t(`rails.${key}`)}
            help={t(`rails.help.${key}`)}
            unit={unit === 'none' ? '' : t(`rails.unit.${unit}`)}
            value={draft[key] ?? rails[key]}
            error={errorOf(key, integer)}
            testId={`rail-${key}`}
            onChange={(value) => setDraft({ ...draft, [key]: value })}
          />
        ))}
      </div>
      <div className="form-actions">
        <span className="spacer" />
        <button type="button" className="quiet" disabled={!changed} onClick={() => setDraft({})}>
          {t('form.revert')}
        </button>
        <button
          type="button"
          className="primary"
          data-testid="rails-apply"
          disabled={!changed || invalid || !connected}
          onClick={() => void apply()}
        >
          {t('form.apply')}
        </button>
      </div>
    </div>
  );
}
