import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { engineText } from '../i18n/engine-text.ts';
import { useTradingStore } from '../stores/trading-store.ts';
import { formatTimeUs } from './format.ts';

/** What the engine had to say, newest first. */
export function AlertsPanel(): ReactElement {
  const { t } = useTranslation();
  const alerts = useTradingStore((state) => state.alerts);
  return (
    <div className="panel table-panel">
      <div className="table-scroll">
        <table>
          <tbody>
            {alerts.map((alert) => (
              <tr key={alert.sequence} data-testid="alert-row" data-level={alert.level}>
                <td className="dim num narrow">{formatTimeUs(alert.timeUs)}</td>
                <td className="narrow">
                  <span className={`badge ${alert.level}`}>{t(`alertLevel.${alert.level}`)}</span>
                </td>
                <td className="wide">{engineText(alert.text)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {alerts.length === 0 && <p className="empty">{t('alerts.empty')}</p>}
      </div>
    </div>
  );
}
