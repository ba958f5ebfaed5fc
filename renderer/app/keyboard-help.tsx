import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { type ActionGroup, listActions } from './actions.ts';
import { Dialog } from './dialog.tsx';
import { useRuntime } from './runtime.ts';

const GROUPS: ActionGroup[] = ['trading', 'view', 'symbols', 'session', 'settings'];
const MOUSE = ['left', 'right', 'shift', 'control', 'own', 'middle', 'wheel', 'hover'] as const;
const CHART = ['drag', 'wheel', 'shiftWheel', 'double'] as const;

/** Keyboard and mouse map. */
export function KeyboardHelp(): ReactElement {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const actions = listActions(runtime).filter((action) => action.keys.length > 0);
  return (
    <Dialog title={t('help.title')} testId="keyboard-help" className="help">
      <div className="help-columns">
        {GROUPS.map((group) => {
          const rows = actions.filter((action) => action.group === group);
          if (rows.length === 0) return null;
          return (
            <section key={group}>
              <h3>{t(`actionGroup.${group}`)}</h3>
              <dl>
                {rows.map((action) => (
                  <div key={action.id}>
                    <dt>
                      {action.keys.map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dt>
                    <dd>{action.label}</dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
        <section>
          <h3>{t('help.ladder')}</h3>
          <dl>
            {MOUSE.map((key) => (
              <div key={key}>
                <dt>{t(`help.mouse.${key}.press`)}</dt>
                <dd>{t(`help.mouse.${key}.does`)}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h3>{t('help.chart')}</h3>
          <dl>
            {CHART.map((key) => (
              <div key={key}>
                <dt>{t(`help.chartMouse.${key}.press`)}</dt>
                <dd>{t(`help.chartMouse.${key}.does`)}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
