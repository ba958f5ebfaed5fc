import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '../../engine/contract/settings.ts';
import { engineText } from '../i18n/engine-text.ts';
import { useHostStore } from '../stores/host-store.ts';
import { useTradingStore } from '../stores/trading-store.ts';

const WAITS = ['block', 'hybrid', 'spin'] as const;
const MOST_PROCESSES = 8;

/** `0, 2` as CPU numbers; undefined when it is no list of them. */
export function parseCpus(text: string): number[] | undefined {
  const parts = text.split(/[\s,]+/).filter(Boolean);
  const cpus = parts.map(Number);
  const right = parts.every((part, i) => /^\d{1,4}$/.test(part) && (cpus[i] as number) < 1024);
  return right ? [...new Set(cpus)].sort((a, b) => a - b) : undefined;
}

/** How the trading processes wait, how many there are, what they ask of the operating system, and what they got. */
export function EngineSettings({ save }: { save(patch: Partial<Settings>): Promise<boolean> }): ReactElement {
  const { t } = useTranslation();
  const settings = useHostStore((state) => state.settings);
  const wait = useTradingStore((state) => (state.connected ? state.stats?.waitStrategy : undefined));
  const scheduling = useTradingStore((state) => (state.connected ? state.stats?.scheduling : undefined));
  const [cpus, setCpus] = useState(settings.cpuAffinity.join(', '));
  const parsed = parseCpus(cpus);
  const commit = () => {
    if (parsed && parsed.join() !== settings.cpuAffinity.join()) void save({ cpuAffinity: parsed });
  };
  return (
    <>
      <h3 className="form-heading">{t('settings.engine')}</h3>
      <label className="form-row" title={t('settings.waitHelp')}>
        <span className="form-label">{t('settings.wait')}</span>
        <select
          data-testid="settings-wait"
          value={settings.waitStrategy}
          onChange={(event) => void save({ waitStrategy: event.target.value as Settings['waitStrategy'] })}
        >
          {WAITS.map((choice) => (
            <option key={choice} value={choice}>
              {t(`settings.waitStrategy.${choice}`)}
            </option>
          ))}
        </select>
      </label>
      <label className="form-row" title={t('settings.priorityHelp')}>
        <span className="form-label">{t('settings.priority')}</span>
        <select
          data-testid="settings-priority"
          value={settings.processPriority}
          onChange={(event) => void save({ processPriority: event.target.value as Settings['processPriority'] })}
        >
          <option value="normal">{t('settings.priorityNormal')}</option>
          <option value="high">{t('settings.priorityHigh')}</option>
        </select>
      </label>
      <label className="form-row" title={t('settings.affinityHelp')}>
        <span className="form-label">{t('settings.affinity')}</span>
        <input
          className="num"
          data-testid="settings-affinity"
          placeholder={t('settings.affinityAny')}
          value={cpus}
          aria-invalid={parsed === undefined}
          onChange={(event) => setCpus(event.target.value)}
          onBlur={commit}
          onKeyDown={(event) => {
            if (event.key === 'Enter') commit();
          }}
        />
        {parsed === undefined && <span className="form-error">{t('settings.affinityError', { value: cpus })}</span>}
      </label>
      <label className="form-row" title={t('settings.processesHelp')}>
        <span className="form-label">{t('settings.processes')}</span>
        <select
          data-testid="settings-processes"
          value={settings.tradingProcesses}
          onChange={(event) => void save({ tradingProcesses: Number(event.target.value) })}
        >
          {Array.from({ length: MOST_PROCESSES }, (_, i) => i + 1).map((count) => (
            <option key={count} value={count}>
              {count}
            </option>
          ))}
        </select>
      </label>
      <p className="dim note" data-testid="settings-scheduling" data-wait={wait ?? ''}>
        {isWait(wait) ? t('settings.waitNow', { wait: t(`settings.waitStrategy.${wait}`) }) : (wait ?? '')}
        {scheduling && ` · ${engineText(scheduling)}`}
      </p>
    </>
  );
}

function isWait(text: string | undefined): text is (typeof WAITS)[number] {
  return (WAITS as readonly (string | undefined)[]).includes(text);
}
