import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toSteps } from '../../engine/contract/units.ts';
import { selectPreset } from '../app/order-actions.ts';
import { useRuntime } from '../app/runtime.ts';
import { errorText } from '../i18n/engine-text.ts';
import { presetsOf, useHostStore } from '../stores/host-store.ts';
import { currentInstrument, useTradingStore } from '../stores/trading-store.ts';
import { showToast } from '../stores/ui-store.ts';

/** The five order sizes; one is selected, a double click edits it. */
export function SizePresets(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const settings = useHostStore((state) => state.settings);
  const spec = useTradingStore(currentInstrument);
  const [editing, setEditing] = useState(-1);
  const symbol = spec?.symbol ?? settings.selectedSymbol;
  const presets = presetsOf(settings, symbol);

  const save = (index: number, text: string) => {
    setEditing(-1);
    const value = text.trim();
    if (value === presets[index]) return;
    try {
      const lots = toSteps(value, spec?.lotSize ?? '0.00000001');
      if (lots <= 0) throw new RangeError(t('preset.positive', { value }));
    } catch (error) {
      showToast('error', t('preset.refused'), errorText(error));
      return;
    }
    const next = presets.map((preset, i) => (i === index ? value : preset));
    void runtime.saveSettings({ sizePresets: { ...settings.sizePresets, [symbol]: next } });
  };

  return (
    <div className="presets num" title={t('preset.help')}>
      <span className="presets-unit">{spec?.baseAsset ?? ''}</span>
      {presets.map((preset, index) =>
        editing === index ? (
          <input
            // biome-ignore lint/suspicious/noArrayIndexKey: presets are known by their place
            key={index}
            className="preset"
            // biome-ignore lint/a11y/noAutofocus: the field replaces the button that was just double-clicked
            autoFocus
            defaultValue={preset}
            aria-label={t('preset.edit', { number: index + 1 })}
            onFocus={(event) => event.target.select()}
            onBlur={(event) => save(index, event.target.value)}
            onKeyDown={(event) => {
              event.stopPropagation();
              if (event.key === 'Enter') save(index, event.currentTarget.value);
              if (event.key === 'Escape') setEditing(-1);
            }}
          />
        ) : (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: presets are known by their place
            key={index}
            type="button"
            className="preset"
            data-testid={`size-preset-${index + 1}`}
            aria-pressed={settings.selectedPreset === index}
            onClick={() => selectPreset(runtime, index)}
            onDoubleClick={() => setEditing(index)}
          >
            <kbd>{index + 1}</kbd>
            {preset}
          </button>
        ),
      )}
    </div>
  );
}
